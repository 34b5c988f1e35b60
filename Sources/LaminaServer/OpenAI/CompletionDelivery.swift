import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry

/// Brings one generated answer to its client: as a whole, or as server-sent events while it is generated.
struct CompletionDelivery: Sendable {
    let identity: CompletionIdentity
    let generation: TextGeneration
    /// The longest silence of a stream; nil for any.
    let heartbeat: Duration?

    /// The whole answer.
    func whole() async throws -> OutgoingResponse {
        var text = ""
        let summary = try await generation.run { text += $0 }
        guard let reason = CompletionFinishReason(summary.reason) else { throw Self.error(summary.reason) }
        return .json(
            .ok,
            CompletionResponse(identity: identity, text: text, finishReason: reason, usage: Usage(summary)).json)
    }

    /// Events as the text comes, and comments while none does. The stream ends with a finish reason or an error, then `[DONE]`,
    /// unless the client goes first.
    ///
    /// Up to the first text or comment nothing is sent, so that a request that fails in the queue is answered with its status.
    func stream(includesUsage: Bool) -> OutgoingResponse {
        let encoder = CompletionChunkEncoder(identity: identity, includesUsage: includesUsage)
        return OutgoingResponse(
            headers: ServerSentEvents.headers,
            body: .stream { writer in
                let events = HeartbeatWriter(writer, every: heartbeat)
                var opening = encoder.start.map { ServerSentEvents.event(data: $0) } ?? []
                func send(_ data: [UInt8]) async throws {
                    let bytes = opening + ServerSentEvents.event(data: data)
                    opening = []
                    try await events.write(bytes)
                }
                let summary = try await events.whileBeating {
                    try await generation.run { try await send(encoder.text($0)) }
                }
                if let reason = CompletionFinishReason(summary.reason) {
                    try await send(encoder.finish(reason))
                    if includesUsage { try await send(encoder.usage(Usage(summary))) }
                } else {
                    let error = Self.error(summary.reason)
                    guard events.hasWritten else { throw InsteadOfStream(error) }
                    // The status was 200: only this tells that the request failed.
                    RequestContext.current?.span?.fail(error.code ?? error.kind.rawValue, error.message)
                    try await send(error.body)
                }
                try await send(CompletionChunkEncoder.done)
            })
    }

    /// Why the answer is not complete.
    private static func error(_ reason: FinishReason) -> APIError {
        switch reason {
        case .failed: .server("the model computed no usable probabilities; its weights may be damaged")
        case .deadline: .deadlineExceeded("the request's deadline passed before its answer was complete")
        case .stop, .length, .cancelled, .shutdown:
            .shuttingDown("the server shut down before the answer was complete")
        }
    }
}

extension CompletionFinishReason {
    /// Nil where the answer is not complete.
    init?(_ reason: FinishReason) {
        switch reason {
        case .stop: self = .stop
        case .length: self = .length
        case .cancelled, .deadline, .shutdown, .failed: return nil
        }
    }
}

extension Usage {
    init(_ summary: TextGeneration.Summary) {
        self.init(
            promptTokens: summary.promptTokens, completionTokens: summary.completionTokens,
            cachedTokens: summary.cachedTokens)
    }
}

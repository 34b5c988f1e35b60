import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Logging

/// The outermost layer: gives each request its context, puts the ids on the answer, and logs how it went.
struct RequestScope: Sendable {
    let keys: APIKeyStore?
    let logger: Logger
    let next: Router.Handler

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        var random = SystemRandomNumberGenerator()
        let context = RequestContext(request, keyName: keys?.name(for: request), logger: logger, using: &random)
        var response = await RequestContext.$current.withValue(context) { await next(request) }
        response.headers[.requestID] = context.requestID
        response.headers[.traceParent] = context.trace.traceparent
        let line = AccessLine(request, response, context)
        guard case .stream(let body) = response.body else {
            line.write(error: nil)
            return response
        }
        response.body = .stream { writer in
            do {
                try await RequestContext.$current.withValue(context) { try await body(writer) }
                line.write(error: nil)
            } catch {
                line.write(error: error)
                throw error
            }
        }
        return response
    }
}

/// The log line of a request.
private struct AccessLine: Sendable {
    private let metadata: Logger.Metadata
    private let level: Logger.Level
    private let logger: Logger
    private let receivedAt: ContinuousClock.Instant

    init(_ request: IncomingRequest, _ response: OutgoingResponse, _ context: RequestContext) {
        metadata = [
            "method": "\(request.head.method)", "path": "\(request.path)",
            "status": .stringConvertible(response.status.code), "peer": "\(request.remoteAddress)",
        ]
        // Probes and scrapes come every few seconds and say nothing new.
        level = Probes.paths.contains(request.path) && response.status.kind == .successful ? .debug : .info
        logger = context.logger
        receivedAt = request.receivedAt
    }

    func write(error: (any Error)?) {
        var metadata = metadata
        let milliseconds = receivedAt.duration(to: .now) / .milliseconds(1)
        metadata["duration_ms"] = .stringConvertible((milliseconds * 1000).rounded() / 1000)
        if let error { metadata["error"] = "\(error)" }
        logger.log(level: level, error == nil ? "request" : "request broke off", metadata: metadata)
    }
}

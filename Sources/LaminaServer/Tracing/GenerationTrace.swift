import LaminaEngine
import LaminaTelemetry
import Synchronization

/// The span of one completion, and below it those of its phases: `tokenize`, `queue`, `prefill` and `decode`, one after the
/// other. Follows the semantic conventions for generative AI; neither prompts nor answers are in it.
///
/// Dropping it ends it.
package final class GenerationTrace: Sendable {
    /// Moments by the steady clock; nil where it did not come to them.
    private struct Phases {
        var submittedAt: ContinuousClock.Instant?
        var admittedAt: ContinuousClock.Instant?
        var firstTokenAt: ContinuousClock.Instant?
        var lastTokenAt: ContinuousClock.Instant?
        var isEnded = false
    }

    private let span: ActiveSpan
    private let isStreaming: Bool
    private let phases = Mutex(Phases())

    /// Begins below the request's span; nil where the request has none.
    init?(of identity: CompletionIdentity, _ parameters: GenerationParameters, below parent: ActiveSpan?) {
        guard let parent else { return nil }
        var random = SystemRandomBlock()
        span = parent.child(
            "\(identity.operation) \(identity.model)", attributes: identity.attributes(parameters), using: &random)
        isStreaming = parameters.isStreaming
    }

    deinit { end() }

    /// Notes that the prompt's tokens are there.
    func tokenized(since start: ContinuousClock.Instant, count: Int) {
        span.set([SemanticAttribute.usageInputTokens: .integer(count)])
        addPhase("tokenize", start, .now)
    }

    func submitted(at moment: ContinuousClock.Instant) { phases.withLock { $0.submittedAt = moment } }

    func admitted(at moment: ContinuousClock.Instant, cachedTokens: Int) {
        phases.withLock { $0.admittedAt = moment }
        span.set([SemanticAttribute.usageCachedTokens: .integer(cachedTokens)])
    }

    func tokenComputed(at moment: ContinuousClock.Instant) {
        let isFirst = phases.withLock { phases in
            phases.lastTokenAt = moment
            guard phases.firstTokenAt == nil else { return false }
            phases.firstTokenAt = moment
            return true
        }
        if isFirst { span.addEvent("first_token", at: moment) }
    }

    /// Ends it with the answer.
    func finished(_ summary: TextGeneration.Summary) {
        note(summary.reason)
        span.set([SemanticAttribute.usageOutputTokens: .integer(summary.completionTokens)])
        switch summary.reason {
        case .stop, .length, .cancelled: break
        case .deadline, .shutdown, .failed: span.fail(summary.reason.rawValue, "the answer is not complete")
        }
        end()
    }

    /// Ends it without an answer: nobody reads on.
    func abandoned() {
        note(.cancelled)
        end()
    }

    /// Ends it without an answer: the request was refused.
    func failed(_ error: any Error) {
        let apiError = error as? APIError
        span.fail(apiError?.code ?? "\(type(of: error))", apiError?.message ?? "\(error)")
        end()
    }

    private func note(_ reason: FinishReason) {
        span.set([SemanticAttribute.responseFinishReasons: .strings([reason.rawValue])])
    }

    /// Adds the phases it came to, the last of them up to now.
    private func end() {
        let phases = phases.withLock { phases in
            defer { phases.isEnded = true }
            return phases
        }
        guard !phases.isEnded else { return }
        let end = ContinuousClock.now
        if let submittedAt = phases.submittedAt { addPhase("queue", submittedAt, phases.admittedAt ?? end) }
        if let admittedAt = phases.admittedAt { addPhase("prefill", admittedAt, phases.firstTokenAt ?? end) }
        if let firstTokenAt = phases.firstTokenAt { addPhase("decode", firstTokenAt, phases.lastTokenAt ?? end) }
        if isStreaming, let submittedAt = phases.submittedAt, let firstTokenAt = phases.firstTokenAt {
            let seconds = submittedAt.duration(to: firstTokenAt) / .seconds(1)
            span.set([SemanticAttribute.responseTimeToFirstChunk: .number(seconds)])
        }
        span.end(at: end)
    }

    private func addPhase(_ name: String, _ start: ContinuousClock.Instant, _ end: ContinuousClock.Instant) {
        var random = SystemRandomBlock()
        span.child(name, at: start, using: &random).end(at: end)
    }
}

extension CompletionIdentity {
    /// `gen_ai.operation.name`.
    fileprivate var operation: String { endpoint == .chat ? "chat" : "text_completion" }

    fileprivate func attributes(_ parameters: GenerationParameters) -> AttributeList {
        var attributes: AttributeList = [
            SemanticAttribute.operationName: .string(operation), SemanticAttribute.providerName: .string("lamina"),
            SemanticAttribute.requestModel: .string(model), SemanticAttribute.responseModel: .string(model),
            SemanticAttribute.responseID: .string(id), SemanticAttribute.outputType: .string("text"),
            SemanticAttribute.requestStream: .bool(parameters.isStreaming),
        ]
        attributes[SemanticAttribute.requestMaximumTokens] = parameters.maximumTokens.map { .integer($0) }
        attributes[SemanticAttribute.requestTemperature] = parameters.temperature.map { .number($0) }
        attributes[SemanticAttribute.requestTopP] = parameters.topP.map { .number($0) }
        attributes[SemanticAttribute.requestTopK] = parameters.topK.map { .integer($0) }
        attributes[SemanticAttribute.requestSeed] = parameters.seed.map { .integer(Int(bitPattern: UInt($0))) }
        if !parameters.stop.isEmpty { attributes[SemanticAttribute.requestStopSequences] = .strings(parameters.stop) }
        return attributes
    }
}

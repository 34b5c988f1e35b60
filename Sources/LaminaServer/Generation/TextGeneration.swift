package import LaminaEngine
package import LaminaModel
package import LaminaTelemetry

/// One answer being generated: tokens from the engine, text to the caller. Dropping it ends the sequence in the engine.
package final class TextGeneration: Sendable {
    /// What is asked for.
    package struct Request: Sendable {
        /// The prompt's tokens.
        package var prompt: [TokenID]
        /// Most tokens to generate.
        package var maximumTokens: Int
        /// How they are chosen.
        package var sampling: SamplingParameters
        /// Texts that end the answer; not part of it.
        package var stops: [String]
        /// Whether the model's own end is passed over.
        package var ignoresEnd: Bool
        /// Whose it is, and how urgent.
        package var terms: RequestTerms

        /// An ordinary request without stop strings unless they are given.
        package init(
            prompt: [TokenID], maximumTokens: Int, sampling: SamplingParameters, stops: [String] = [],
            ignoresEnd: Bool = false, terms: RequestTerms = RequestTerms()
        ) {
            self.prompt = prompt
            self.maximumTokens = maximumTokens
            self.sampling = sampling
            self.stops = stops
            self.ignoresEnd = ignoresEnd
            self.terms = terms
        }
    }

    /// How an answer ended.
    package struct Summary: Sendable, Equatable {
        /// Why it ended.
        package var reason: FinishReason
        /// Tokens of the prompt.
        package var promptTokens: Int
        /// Tokens of the prompt that need not be computed: an earlier request had left them in the cache.
        package var cachedTokens = 0
        /// Tokens of the answer, without the one that ended it.
        package var completionTokens: Int
    }

    private let model: ServedModel
    private let request: Request
    private let generation: Engine.Generation
    private let metrics: GenerationMetrics
    private let trace: GenerationTrace?
    private let traceID: TraceID?
    private let visit: CallerVisit?
    private let submittedAt = ContinuousClock.now

    /// Submits the request.
    /// - Parameters:
    ///   - trace: hears of the answer's phases; nil where nobody records them.
    ///   - traceID: the trace that the metrics' exemplars name; nil where it is not recorded.
    ///   - visit: counts the tokens for the caller, whose place is taken as long as the generation is there.
    /// - Throws: `EngineRefusal`.
    package init(
        _ request: Request, model: ServedModel, metrics: GenerationMetrics, trace: GenerationTrace? = nil,
        traceID: TraceID? = nil, visit: CallerVisit? = nil
    ) throws(EngineRefusal) {
        self.model = model
        self.request = request
        self.metrics = metrics
        self.trace = trace
        self.traceID = traceID
        self.visit = visit
        generation = try model.engine.submit(
            GenerationRequest(
                prompt: request.prompt, maximumTokens: request.maximumTokens, sampling: request.sampling,
                stopTokens: request.ignoresEnd ? [] : model.file.tokenizer.endOfGeneration, terms: request.terms))
        trace?.submitted(at: submittedAt)
        visit?.took(promptTokens: request.prompt.count)
    }

    // Covers a stream whose client left before its first event was asked for. Ending what has ended does nothing.
    deinit { model.engine.end(generation.id, .cancelled) }

    /// Waits for the text and hands it on piece by piece. However it ends, by the last token, by an error of `onText` or by
    /// the cancellation of the task, the engine is done with the sequence afterwards.
    package func run(_ onText: (String) async throws -> Void) async throws -> Summary {
        try await withTaskCancellationHandler {
            do {
                return try await consume(onText)
            } catch {
                model.engine.end(generation.id, .cancelled)
                trace?.abandoned()
                throw error
            }
        } onCancel: {
            model.engine.end(generation.id, .cancelled)
        }
    }

    private func consume(_ onText: (String) async throws -> Void) async throws -> Summary {
        var detokenizer = StreamingDetokenizer(model.file.tokenizer, continuingText: true)
        var matcher = StopStringMatcher(request.stops)
        var timer = TokenTimer(submittedAt: submittedAt, metrics: metrics, traceID: traceID)
        var summary = Summary(reason: .stop, promptTokens: request.prompt.count, completionTokens: 0)
        defer { visit?.generated(summary.completionTokens) }
        for await event in generation.events {
            switch event {
            case .admitted(let cachedTokens, let instant):
                summary.cachedTokens = cachedTokens
                trace?.admitted(at: instant, cachedTokens: cachedTokens)
            case .token(let token, let instant):
                timer.tokenComputed(at: instant)
                trace?.tokenComputed(at: instant)
                summary.completionTokens += 1
                let advance = matcher.append(detokenizer.append(token))
                if !advance.text.isEmpty { try await onText(advance.text) }
                if advance.isStopped {
                    model.engine.end(generation.id, .stop)
                    return finished(summary, timer)
                }
            case .finished(let reason):
                let advance = matcher.append(detokenizer.finish())
                let rest = advance.text + (advance.isStopped ? "" : matcher.finish())
                if !rest.isEmpty { try await onText(rest) }
                summary.reason = advance.isStopped ? .stop : reason
                return finished(summary, timer)
            }
        }
        // The stream ends without its last event only when this task was cancelled.
        throw CancellationError()
    }

    private func finished(_ summary: Summary, _ timer: TokenTimer) -> Summary {
        metrics.finished(summary, duration: timer.elapsed, traceID: traceID)
        trace?.finished(summary)
        return summary
    }
}

/// Measures when the engine has computed tokens, however slowly the client reads them.
private struct TokenTimer {
    private let submittedAt: ContinuousClock.Instant
    private let metrics: GenerationMetrics
    private let traceID: TraceID?
    private var last: ContinuousClock.Instant?

    init(submittedAt: ContinuousClock.Instant, metrics: GenerationMetrics, traceID: TraceID?) {
        self.submittedAt = submittedAt
        self.metrics = metrics
        self.traceID = traceID
    }

    var elapsed: Duration { submittedAt.duration(to: .now) }

    mutating func tokenComputed(at now: ContinuousClock.Instant) {
        if let last {
            metrics.interTokenLatency.observe(last.duration(to: now), traceID: traceID)
        } else {
            metrics.timeToFirstToken.observe(submittedAt.duration(to: now), traceID: traceID)
        }
        last = now
    }
}

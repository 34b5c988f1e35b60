import LaminaKernels
package import LaminaModel

/// Generates sequences: takes requests from any task, computes them together on a thread of its own, step by step, and
/// hands each caller its tokens as they come.
package final class Engine: Sendable {
    /// A request that was taken.
    package struct Generation: Sendable {
        /// Names the sequence for `end`.
        package let id: SequenceID
        /// Ends with `.finished`. Buffers at most as many tokens as the request may generate, so a slow reader neither
        /// blocks the engine nor grows memory without bound.
        package let events: AsyncStream<TokenEvent>
    }

    /// Bounds of its work.
    package let limits: EngineLimits
    private let vocabularySize: Int
    private let mailbox = Mailbox()

    /// Starts the engine's thread, which computes with `transformer` until `stop`.
    /// - Parameters:
    ///   - blockCount: blocks of the transformer's KV cache; enough for `limits.contextLength` tokens.
    ///   - report: called on the engine's thread after each step; must not block.
    package init(
        transformer: sending Transformer, vocabularySize: Int, blockCount: Int, limits: EngineLimits,
        report: @escaping @Sendable (StepReport) -> Void
    ) throws {
        precondition(blockCount * KVCache.blockSize >= limits.contextLength, "a context must fit the cache")
        self.limits = limits
        self.vocabularySize = vocabularySize
        let loop = StepLoop(
            transformer: transformer, scheduler: Scheduler(limits: limits, blockCount: blockCount),
            pacer: StepPacer(target: limits.stepTarget, maximumStepTokens: limits.maximumStepTokens),
            mailbox: mailbox, report: report)
        // Safe: from here on only the engine's thread touches the loop and its transformer.
        nonisolated(unsafe) let confined = loop
        _ = try ComputeThread(name: "lamina-engine") { confined.run() }
    }

    deinit { mailbox.stop {} }

    /// Takes a request. Its tokens come as `events`; `end` ends it early.
    /// - Throws: `EngineRefusal` where the request cannot run, now or ever.
    package func submit(_ request: GenerationRequest) throws(EngineRefusal) -> Generation {
        try check(request)
        let (stream, continuation) = AsyncStream<TokenEvent>.makeStream()
        let sampler = Sampler(request.sampling, seed: .random(in: .min ... .max))
        let id = try mailbox.submit(request.terms.tenant, limits: limits) { id in
            Mailbox.Submission(
                state: SequenceState(id: id, request: request, contextLength: limits.contextLength),
                deadline: request.terms.deadline, sampler: sampler, events: continuation, submittedAt: .now)
        }
        return Generation(id: id, events: stream)
    }

    /// Ends a sequence within one step and frees its blocks. Does nothing where it has ended.
    /// - Parameter reason: `.cancelled`, or `.stop` where the caller found a stop string.
    package func end(_ id: SequenceID, _ reason: FinishReason) { mailbox.end(id, reason) }

    /// Ends the sequences that are left and the engine's thread.
    package func stop() async {
        await withCheckedContinuation { continuation in mailbox.stop { continuation.resume() } }
    }

    private func check(_ request: GenerationRequest) throws(EngineRefusal) {
        precondition(request.maximumTokens >= 1, "checked by the API")
        guard !request.prompt.isEmpty else { throw .emptyPrompt }
        guard request.prompt.count < limits.contextLength else {
            throw .promptTooLong(promptTokens: request.prompt.count, contextLength: limits.contextLength)
        }
        if let unknown = request.prompt.first(where: { $0 < 0 || $0 >= vocabularySize }) {
            throw .unknownToken(unknown, vocabularySize: vocabularySize)
        }
        if let deadline = request.terms.deadline, deadline <= .now { throw .deadlinePassed }
    }
}

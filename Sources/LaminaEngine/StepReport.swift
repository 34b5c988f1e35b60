/// What the engine has just done and how it stands: the source of the server's engine metrics.
package struct StepReport: Sendable {
    /// Sequences in the batch.
    package var runningSequences = 0
    /// Sequences there may be in the batch.
    package var maximumSequences = 0
    /// Requests in the queue.
    package var waitingSequences = 0
    /// Tenants that have requests in the queue.
    package var waitingTenants = 0
    /// Blocks of the KV cache.
    package var blockCount = 0
    /// Blocks no sequence holds.
    package var freeBlocks = 0
    /// Tokens computed in this step: prompts, and one for each decoding sequence.
    package var computedTokens = 0
    /// Prompt tokens among them that were computed for the first time.
    package var promptTokens = 0
    /// Tokens among them that had been computed before: their sequence had given its blocks back.
    package var recomputedTokens = 0
    /// Sequences that gave their blocks back before this step, for others to advance.
    package var preemptions = 0
    /// Prompt tokens of the sequences let in before this step.
    package var lookedUpTokens = 0
    /// Those of them that were in the cache already and need not be computed.
    package var cachedTokens = 0
    /// Tokens generated in this step, those that end a text included.
    package var generatedTokens = 0
    /// Time the step took; zero for reports without a step (a cancellation while idle).
    package var stepDuration: Duration = .zero
    /// Time a step should take while streams run.
    package var stepTarget: Duration = .zero
    /// How long each sequence let in before this step had waited.
    package var queueWaits: [Duration] = []
    /// Requests whose deadline passed before they were let in; nothing was computed for them.
    package var expiredWaiting = 0
    /// Sequences that ended, by reason.
    package var finished: [FinishReason: Int] = [:]

    /// Nothing done.
    package init() {}
}

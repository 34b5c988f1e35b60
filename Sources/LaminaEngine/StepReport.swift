/// What the engine has just done and how it stands: the source of the server's engine metrics.
package struct StepReport: Sendable {
    /// Sequences in the batch.
    package var runningSequences = 0
    /// Requests in the queue.
    package var waitingSequences = 0
    /// Blocks of the KV cache.
    package var blockCount = 0
    /// Blocks no sequence holds.
    package var freeBlocks = 0
    /// Tokens computed in this step: prompts, and one for each decoding sequence.
    package var computedTokens = 0
    /// Prompt tokens among them.
    package var promptTokens = 0
    /// Prompt tokens of the sequences let in before this step.
    package var lookedUpTokens = 0
    /// Those of them that were in the cache already and need not be computed.
    package var cachedTokens = 0
    /// Tokens generated in this step, those that end a text included.
    package var generatedTokens = 0
    /// Time the step took; zero for reports without a step (a cancellation while idle).
    package var stepDuration: Duration = .zero
    /// How long each sequence let in before this step had waited.
    package var queueWaits: [Duration] = []
    /// Sequences that ended, by reason.
    package var finished: [FinishReason: Int] = [:]
}

/// Bounds of the engine's work.
package struct EngineLimits: Sendable, Equatable {
    /// Sequences computed together.
    package var maximumSequences: Int
    /// Tokens of one step, decode and prefill together; at least `maximumSequences`.
    package var maximumStepTokens: Int
    /// Requests that may wait; more are refused.
    package var maximumWaiting: Int
    /// Tokens of prompt and answer together.
    package var contextLength: Int

    package init(
        maximumSequences: Int = 16, maximumStepTokens: Int = 256, maximumWaiting: Int = 256, contextLength: Int
    ) {
        self.maximumSequences = max(1, maximumSequences)
        self.maximumStepTokens = max(maximumStepTokens, self.maximumSequences)
        self.maximumWaiting = max(1, maximumWaiting)
        self.contextLength = contextLength
    }
}

/// Bounds of the engine's work.
package struct EngineLimits: Sendable, Equatable {
    /// What holds where nothing else is asked for.
    package enum Default {
        /// Sequences computed together.
        package static let sequences = 16
        /// Tokens of one step.
        package static let stepTokens = 256
        /// Requests that may wait.
        package static let waiting = 256
        /// Time a step should take while streams run.
        package static let stepTarget = Duration.milliseconds(250)
    }

    /// Tokens of a step that decoding sequences never take from prompts.
    private static let prefillTokens = 128

    /// The tokens of a step that are asked for, or as many as a full batch and a prompt beside it need.
    static func stepTokens(_ asked: Int, sequences: Int) -> Int { max(asked, sequences + prefillTokens) }

    /// Sequences computed together.
    package var maximumSequences: Int
    /// Tokens of one step, decode and prefill together; enough that a prompt advances beside a full batch.
    package var maximumStepTokens: Int
    /// Requests that may wait; more are refused.
    package var maximumWaiting: Int
    /// Requests of one named tenant that may wait; more are refused.
    package var maximumWaitingPerTenant: Int
    /// Time a step should take while streams run: prompts are computed in chunks that fit.
    package var stepTarget: Duration
    /// Tokens of prompt and answer together.
    package var contextLength: Int

    /// Raises what is too low to work with.
    package init(
        maximumSequences: Int = Default.sequences, maximumStepTokens: Int = Default.stepTokens,
        maximumWaiting: Int = Default.waiting, maximumWaitingPerTenant: Int? = nil,
        stepTarget: Duration = Default.stepTarget, contextLength: Int
    ) {
        self.maximumSequences = max(1, maximumSequences)
        self.maximumStepTokens = Self.stepTokens(maximumStepTokens, sequences: self.maximumSequences)
        self.maximumWaiting = max(0, maximumWaiting)
        self.maximumWaitingPerTenant = max(1, maximumWaitingPerTenant ?? maximumWaiting)
        self.stepTarget = stepTarget
        self.contextLength = contextLength
    }
}

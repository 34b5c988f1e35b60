/// Decides how many prompt tokens a step takes, from how long steps took: while streams run, a step should take no longer than their
/// readers are content to wait for a token.
///
/// On a CPU a prompt of 256 tokens can take seconds, and every stream stands still meanwhile. Prompts cost little more in small
/// chunks than in large ones, because the weights are read in every step anyhow. Results do not depend on the chunks, bit for bit.
struct StepPacer {
    /// How many prompt tokens the next step may take.
    struct Allowance: Equatable {
        /// While streams run.
        var besideDecodes: Int
        /// While none does: bounded too, since nothing can join, leave or be cancelled during a step.
        var alone: Int

        static let unlimited = Allowance(besideDecodes: .max, alone: .max)
    }

    /// Time a step with streams should take.
    private let target: Duration
    private var tokens: Int
    private let largest: Int

    /// Prompts advance by a block at least, however slow the machine is.
    private static let smallest = 16
    /// Prompt tokens before anything has been measured.
    private static let first = 32
    /// A step without streams may take so many times the target.
    private static let aloneFactor = 4

    init(target: Duration, maximumStepTokens: Int) {
        self.target = target
        largest = maximumStepTokens
        tokens = min(Self.first, maximumStepTokens)
    }

    var allowance: Allowance {
        Allowance(besideDecodes: tokens, alone: min(largest, tokens * Self.aloneFactor))
    }

    /// Takes in how long a step with `promptTokens` took. Chunks that were smaller than allowed say nothing where they were fast.
    mutating func observe(promptTokens: Int, duration: Duration) {
        guard promptTokens > 0, duration > .zero else { return }
        guard promptTokens >= tokens || duration > target else { return }
        let fitting = Double(promptTokens) * min(2, target / duration)
        tokens = max(Self.smallest, min(Int(fitting), 2 * tokens, largest))
    }
}

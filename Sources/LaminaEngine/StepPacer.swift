/// Decides how many prompt tokens a step takes, from how long steps took: while streams run, a step should take no longer than their
/// readers are content to wait for a token.
///
/// On a CPU a prompt of 256 tokens can take seconds, and every stream stands still meanwhile. Prompts cost little more in small
/// chunks than in large ones, because the weights are read in every step anyhow. Results do not depend on the chunks, bit for bit.
///
/// The time of a step is what its streams take, and so much for each prompt token. A step without prompt tokens tells the first, and
/// the others then tell the second. Where prompts never cease, a step without their tokens is put in now and then.
struct StepPacer {
    /// How many prompt tokens the next step may take.
    struct Allowance: Equatable {
        /// While streams run; 0 for a step that shows what they take alone.
        var besideDecodes: Int
        /// While none does: bounded too, since nothing can join, leave or be cancelled during a step.
        var alone: Int

        static let unlimited = Allowance(besideDecodes: .max, alone: .max)
    }

    /// Seconds a step with streams should take.
    private let target: Double
    private let largest: Int
    /// Seconds that the streams of a step take: their tokens, and reading the weights. 0 until measured.
    private var streamSeconds = 0.0
    /// Seconds that a prompt token takes; nil until measured.
    private var tokenSeconds: Double?
    /// Steps since the streams were measured.
    private var mixedSteps = 0

    /// Prompts advance by a block at least, however slow the machine is.
    private static let smallest = 16
    /// Prompt tokens before anything has been measured.
    private static let first = 32
    /// A step without streams may take so many times the target.
    private static let aloneFactor = 4
    /// Steps after which the streams are measured again.
    private static let interval = 16
    /// The same where a step took a time that does not fit what is known.
    private static let shortInterval = 4
    /// What a new measurement counts against all earlier ones.
    private static let weight = 0.5
    /// A measurement of the streams counts for no more than so many times the last: the machine may have stood still.
    private static let largestRise = 4.0

    init(target: Duration, maximumStepTokens: Int) {
        self.target = target / .seconds(1)
        largest = maximumStepTokens
    }

    var allowance: Allowance {
        Allowance(
            besideDecodes: mixedSteps >= Self.interval
                ? 0 : chunk(seconds: besideStreams, before: Self.first),
            alone: chunk(seconds: target * Double(Self.aloneFactor), before: Self.first * Self.aloneFactor))
    }

    /// What is left of the target; where streams take most of it, or more than it, prompts get half as much as they.
    private var besideStreams: Double { max(target - streamSeconds, min(streamSeconds, target) / 2) }

    /// Tokens that take so many seconds; `before` where nothing has been measured.
    private func chunk(seconds: Double, before: Int) -> Int {
        guard let tokenSeconds else { return min(before, largest) }
        let fitting = min(seconds / tokenSeconds, Double(largest))
        return max(min(Self.smallest, largest), Int(fitting))
    }

    /// Takes in how long a step with `promptTokens`, beside `decodes` streams, took.
    mutating func observe(promptTokens: Int, decodes: Int, duration: Duration) {
        let seconds = duration / .seconds(1)
        guard seconds > 0 else { return }
        if promptTokens == 0 {
            guard decodes > 0 else { return }
            observeStreams(seconds)
        } else if decodes > 0 {
            mixedSteps += 1
            observePrompt(promptTokens, seconds, streams: streamSeconds)
        } else if promptTokens >= Self.smallest {
            // A few tokens alone take the time of reading the weights, which says nothing about larger chunks.
            observePrompt(promptTokens, seconds, streams: 0)
        }
    }

    private mutating func observeStreams(_ seconds: Double) {
        // After steps with prompts what is known of the streams is old.
        let weight = mixedSteps > 0 ? 1 : Self.weight
        mixedSteps = 0
        guard streamSeconds > 0 else { return streamSeconds = seconds }
        streamSeconds += weight * (min(seconds, Self.largestRise * streamSeconds) - streamSeconds)
    }

    private mutating func observePrompt(_ tokens: Int, _ seconds: Double, streams: Double) {
        // Streams that take less by now than when they were measured leave a part for the tokens all the same.
        let measured = max(seconds - streams, seconds / 8) / Double(tokens)
        guard let known = tokenSeconds else {
            if tokens >= Self.smallest { tokenSeconds = measured }
            return
        }
        let bounded = max(known / 2, min(measured, 2 * known))
        // The fewer tokens, the more of the difference is chance.
        let certainty = Double(tokens) / Double(tokens + Self.smallest)
        tokenSeconds = known + Self.weight * certainty * (bounded - known)
        let isDoubtful = bounded != measured && tokens >= Self.smallest
        if isDoubtful, mixedSteps >= Self.shortInterval { mixedSteps = Self.interval }
    }
}

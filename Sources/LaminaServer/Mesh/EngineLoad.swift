#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif
import LaminaEngine

/// How loaded the engine is, from its step reports. Pure: the clock is passed in.
struct EngineLoad {
    /// What lies back longer than this counts little for how busy the engine is. Balancers move weights about once a second.
    static let saturationWindow = Duration.seconds(5)
    /// What lies back longer than this, in time spent computing, counts little for how fast the engine is: long enough that the mix of
    /// prompts, which are fast, and answers, which are slow, is the usual one.
    static let rateWindow = Duration.seconds(60)

    /// Sequences in the batch.
    private(set) var running = 0
    /// Requests in the queue.
    private(set) var waiting = 0
    /// Share of the KV cache's blocks that sequences hold, 0...1.
    private(set) var cacheUsage = 0.0
    private var waitingTenants = 0
    private var places = 0
    private var saturation = 0.0
    private var saturatedAt: ContinuousClock.Instant?
    // Of the last `rateWindow` of computing; what is older fades.
    private var busySeconds = 0.0
    private var tokens = 0.0
    private var endings = 0.0

    /// Takes in what the engine has done up to `now`.
    mutating func observe(_ report: StepReport, at now: ContinuousClock.Instant) {
        running = report.runningSequences
        waiting = report.waitingSequences
        waitingTenants = report.waitingTenants
        places = report.maximumSequences
        cacheUsage = Double(report.blockCount - report.freeBlocks) / Double(max(1, report.blockCount))
        if report.stepDuration > .zero { observeStep(report, at: now) }
        endings += Double(report.finished.values.reduce(0, +))
    }

    private mutating func observeStep(_ report: StepReport, at now: ContinuousClock.Instant) {
        let seconds = report.stepDuration / .seconds(1)
        let kept = exp(-seconds / (Self.rateWindow / .seconds(1)))
        busySeconds = busySeconds * kept + seconds
        // What preemption had taken is computed twice and served once.
        tokens = tokens * kept + Double(report.computedTokens - report.recomputedTokens)
        endings *= kept
        let share = report.stepTarget > .zero ? min(1, report.stepDuration / report.stepTarget) : 1
        let weight = 1 - exp(-(report.stepDuration / Self.saturationWindow))
        saturation = compute(at: now) + share * weight
        saturatedAt = now
    }

    /// Share of the time a step may take that steps took of late, 0...1; time without steps counts as 0.
    func compute(at now: ContinuousClock.Instant) -> Double {
        guard let saturatedAt else { return 0 }
        return saturation * exp(-(saturatedAt.duration(to: now) / Self.saturationWindow))
    }

    /// Places in the batch that are asked for, over those there are: above 1 where requests wait.
    var demand: Double { Double(running + waiting) / Double(max(1, places)) }

    /// Tokens computed in a second of computing, of prompts and answers; nil before the first.
    var tokensPerSecond: Double? { tokens > 0 && busySeconds > 0 ? tokens / busySeconds : nil }

    /// How long until so many further sequences have ended, at the pace of late; one that ends at once is assumed, so that there is a pace
    /// from the start.
    func time(forEndings count: Int) -> Duration { .seconds(Double(count) * busySeconds / (endings + 1)) }

    /// When a request that was refused may be taken: when all that wait before it have been let in.
    func wait(after refusal: EngineRefusal) -> Duration {
        switch refusal {
        case .queueFull(let limit): time(forEndings: max(1, limit - running))
        // Its tenant's requests are let in by turns with those of others.
        case .tenantQueueFull(let limit): time(forEndings: limit * max(1, waitingTenants))
        case .emptyPrompt, .promptTooLong, .unknownToken, .deadlinePassed, .stopping: .zero
        }
    }
}

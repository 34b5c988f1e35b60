import LaminaEngine
import Synchronization

/// Knows how loaded the engine is: told by the engine's thread after each step, asked by requests. Either holds the lock for a few
/// additions.
final class LoadMonitor: Sendable {
    private let load = Mutex(EngineLoad())

    /// Takes in what the engine has done up to `now`.
    func observe(_ report: StepReport, at now: ContinuousClock.Instant = .now) {
        load.withLock { $0.observe(report, at: now) }
    }

    /// What a load balancer is told; nil before anything was computed.
    func report(at now: ContinuousClock.Instant = .now) -> LoadReport? {
        LoadReport(load.withLock { $0 }, at: now)
    }

    /// Seconds after which a refused request may be tried again.
    func retryAfterSeconds(_ refusal: EngineRefusal) -> Int {
        RetryAfter.seconds(load.withLock { $0.wait(after: refusal) })
    }
}

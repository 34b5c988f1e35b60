import Synchronization

/// Lets one line of a kind through per interval, so that no flood of connections becomes a flood of log lines.
final class LogThrottle: Sendable {
    private struct State {
        var opensAt: ContinuousClock.Instant?
        var silenced = 0
    }

    private let interval: Duration
    private let state = Mutex(State())

    /// - Parameter interval: the shortest time between two lines.
    init(interval: Duration) {
        self.interval = interval
    }

    /// Whether a line may be written: the number of lines silenced since the last one, or nil where it may not.
    func admit(at now: ContinuousClock.Instant) -> Int? {
        state.withLock { state in
            if let opensAt = state.opensAt, now < opensAt {
                state.silenced += 1
                return nil
            }
            defer { state = State(opensAt: now + interval) }
            return state.silenced
        }
    }
}

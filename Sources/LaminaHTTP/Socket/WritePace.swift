/// How long a peer may take to read what is written: never a whole time-out without progress, and on the whole not much
/// slower than a least rate, or a peer that reads a byte now and then would hold its connection for ever.
struct WritePace {
    /// Bytes a second, far below any link in use.
    private static let leastRate = 1024.0

    private let timeout: Duration
    private let began: ContinuousClock.Instant

    /// - Parameter timeout: the longest time without progress.
    init(timeout: Duration, began: ContinuousClock.Instant) {
        self.timeout = timeout
        self.began = began
    }

    /// When to give up, after that many bytes were taken.
    func deadline(written: Int, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        min(now + timeout, began + timeout + .seconds(Double(written) / Self.leastRate))
    }
}

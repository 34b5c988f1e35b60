/// Tells the wall-clock time of moments that were measured by the steady clock.
///
/// One for all spans of a request, so that they stay in order and nested even where the wall clock is set meanwhile.
package struct TraceClock: Sendable {
    private let instant: ContinuousClock.Instant
    private let nanoseconds: Int64

    /// Both clocks now.
    package init(instant: ContinuousClock.Instant = .now, wall: UnixTime = .now()) {
        self.instant = instant
        nanoseconds = Int64(wall.seconds) * 1_000_000_000 + Int64(wall.nanoseconds)
    }

    /// Nanoseconds since 1970.
    func unixNanoseconds(_ moment: ContinuousClock.Instant) -> Int64 {
        let (seconds, attoseconds) = instant.duration(to: moment).components
        return nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}

internal import CSimd

/// How long a thread waits by spinning before it parks: as long as spinning has lately been answered.
///
/// A thread that spins where it keeps another from running (two threads of a pool on one core) waits in vain, and soon stops
/// doing so; one whose core is its own is answered within the shortest budget often enough to return to the longest.
struct SpinBudget {
    /// Covers the serial work between two loops of a step.
    static let longestNanoseconds: Int64 = 50_000
    /// Covers a handover between two running threads.
    static let shortestNanoseconds: Int64 = 4_000
    // About a microsecond between two looks at the clock.
    private static let spinsPerLook = 32

    /// What the next wait may spin.
    private(set) var nanoseconds = longestNanoseconds

    /// Spins until `condition` holds or the budget is spent; whether it holds.
    @inline(always)
    mutating func spin(until condition: () -> Bool) -> Bool {
        if condition() { return true }
        let end = monotonic_nanoseconds() + nanoseconds
        repeat {
            for _ in 0..<Self.spinsPerLook {
                cpu_relax()
                if condition() {
                    adjust(wasAnswered: true)
                    return true
                }
            }
        } while monotonic_nanoseconds() < end
        adjust(wasAnswered: false)
        return false
    }

    /// Doubles or halves the budget, within its bounds.
    mutating func adjust(wasAnswered: Bool) {
        nanoseconds =
            wasAnswered
            ? min(2 * nanoseconds, Self.longestNanoseconds) : max(nanoseconds / 2, Self.shortestNanoseconds)
    }
}

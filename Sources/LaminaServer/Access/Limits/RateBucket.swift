/// What a caller may still use: fills at an even pace up to what a minute brings, and may be overdrawn, since what a request takes
/// is known only afterwards. Whoever has overdrawn it waits until it has filled again, so that the pace holds in the long run.
struct RateBucket: Sendable {
    /// The most it holds, and what it gains in a minute.
    let perMinute: Int
    private var level: Double
    private var updatedAt: ContinuousClock.Instant

    /// A full one.
    init(perMinute: Int, at now: ContinuousClock.Instant) {
        self.perMinute = perMinute
        level = Double(perMinute)
        updatedAt = now
    }

    /// What is left; below zero where more was taken.
    func level(at now: ContinuousClock.Instant) -> Double {
        let minutes = max(0, updatedAt.duration(to: now) / .seconds(60))
        return min(Double(perMinute), level + Double(perMinute) * minutes)
    }

    /// Takes out, below zero if need be.
    mutating func take(_ amount: Int, at now: ContinuousClock.Instant) {
        level = level(at: now) - Double(amount)
        updatedAt = max(now, updatedAt)
    }

    /// How long it takes to hold so much; zero where it does.
    func delay(until amount: Int, at now: ContinuousClock.Instant) -> Duration {
        .seconds(60) * (max(0, Double(amount) - level(at: now)) / Double(perMinute))
    }
}

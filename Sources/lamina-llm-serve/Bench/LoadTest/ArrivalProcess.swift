import Glibc
import LaminaEngine

/// Times at which independent users send requests: a Poisson process, whose gaps are exponentially distributed.
struct ArrivalProcess: Sendable {
    private let rate: Double
    private var random: SplitMix64
    private var elapsedSeconds = 0.0

    /// - Parameters:
    ///   - rate: requests per second on average; above 0.
    ///   - seed: the same seed gives the same times.
    init(rate: Double, seed: UInt64) {
        self.rate = rate
        random = SplitMix64(seed: seed)
    }

    /// When the next request is sent, counted from the beginning.
    mutating func next() -> Duration {
        // 1 - u is above 0, so the logarithm is finite.
        elapsedSeconds -= log(1 - random.nextUnit()) / rate
        return .seconds(elapsedSeconds)
    }
}

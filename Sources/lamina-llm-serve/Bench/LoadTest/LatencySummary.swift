import LaminaJSON

/// Mean, percentiles and maximum of a set of durations.
struct LatencySummary: Sendable, Equatable {
    let count: Int
    let mean: Double  // milliseconds, as the others
    let p50: Double
    let p90: Double
    let p95: Double
    let p99: Double
    let maximum: Double

    /// Nil where there is nothing to summarise.
    init?(_ durations: [Duration]) {
        guard !durations.isEmpty else { return nil }
        let sorted = durations.map { $0 / .milliseconds(1) }.sorted()
        count = sorted.count
        mean = sorted.reduce(0, +) / Double(sorted.count)
        p50 = Self.percentile(50, of: sorted)
        p90 = Self.percentile(90, of: sorted)
        p95 = Self.percentile(95, of: sorted)
        p99 = Self.percentile(99, of: sorted)
        maximum = sorted[sorted.count - 1]
    }

    /// Interpolates linearly between the two nearest values, as NumPy does by default. `sorted` is not empty.
    static func percentile(_ percent: Double, of sorted: [Double]) -> Double {
        let rank = percent / 100 * Double(sorted.count - 1)
        let lower = Int(rank)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (rank - Double(lower))
    }

    /// In milliseconds.
    var json: JSONValue {
        var object: JSONObject = ["count": .integer(Int64(count))]
        for (name, value) in named { object[name] = .number(value.rounded(to: 3)) }
        return .object(object)
    }

    /// The figures with the names of their columns.
    var named: [(String, Double)] {
        [("mean", mean), ("p50", p50), ("p90", p90), ("p95", p95), ("p99", p99), ("max", maximum)]
    }
}

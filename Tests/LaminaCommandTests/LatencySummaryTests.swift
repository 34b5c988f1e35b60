import LaminaJSON
import Testing

@testable import lamina_llm_serve

struct LatencySummaryTests {
    /// Values from numpy.percentile, whose default method is meant.
    @Test(arguments: [(0.0, 10.0), (25, 20), (50, 35), (90, 46), (95, 48), (99, 49.6), (100, 50)])
    func `Interpolates as NumPy does`(percent: Double, value: Double) {
        let sorted: [Double] = [10, 20, 35, 40, 50]
        #expect(abs(LatencySummary.percentile(percent, of: sorted) - value) < 1e-9)
    }

    @Test func `Summarises durations in any order`() throws {
        let summary = try #require(LatencySummary([30, 10, 20, 40].map { Duration.milliseconds($0) }))
        #expect(summary.count == 4)
        #expect(summary.mean == 25)
        #expect(summary.p50 == 25)
        #expect(summary.maximum == 40)
        #expect(summary.json["p50"] == .number(25))
        #expect(summary.json["count"] == 4)
    }

    @Test func `Has nothing to say about nothing, and one value is every percentile`() {
        #expect(LatencySummary([]) == nil)
        let one = LatencySummary([.seconds(1)])
        #expect(one?.named.map(\.1) == Array(repeating: 1000, count: 6))
    }
}

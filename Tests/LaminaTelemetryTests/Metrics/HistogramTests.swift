import Testing

@testable import LaminaTelemetry

struct HistogramTests {
    private let clock: @Sendable () -> UnixTime = { UnixTime(seconds: 100, nanoseconds: 5_000_000) }

    @Test func `An upper bound belongs to its bucket`() {
        let histogram = Histogram(upperBounds: [0, 0.5, 1], clock: clock)
        for value in [-1, 0, 0.0.nextUp, 0.5, 0.5.nextUp, 1, 1.0.nextUp, .infinity] { histogram.observe(value) }
        #expect(histogram.buckets.counts == [2, 2, 2, 2])
        #expect(histogram.buckets.count == 8)
        #expect(histogram.buckets.sum == .infinity)
    }

    @Test func `What is not a number is not counted`() {
        let histogram = Histogram(upperBounds: [1], clock: clock)
        histogram.observe(.nan)
        #expect(histogram.buckets.counts == [0, 0])
        #expect(histogram.buckets.sum == 0)
    }

    @Test func `Durations are counted in seconds`() {
        let histogram = Histogram(upperBounds: [0.001, 2], clock: clock)
        histogram.observe(.milliseconds(1500))
        histogram.observe(.microseconds(250))
        #expect(histogram.buckets.counts == [1, 1, 0])
        #expect(abs(histogram.buckets.sum - 1.50025) < 1e-12)
    }

    @Test func `Each bucket keeps its latest exemplar`() throws {
        let histogram = Histogram(upperBounds: [1, 2], clock: clock)
        let first = try #require(TraceID(high: 0, low: 1))
        let second = try #require(TraceID(high: 0, low: 2))
        histogram.observe(0.5, traceID: first)
        histogram.observe(0.7, traceID: second)
        histogram.observe(0.9)
        histogram.observe(3, traceID: first)
        let time = UnixTime(seconds: 100, nanoseconds: 5_000_000)
        #expect(
            histogram.buckets.exemplars == [
                Exemplar(traceID: second, value: 0.7, time: time), nil, Exemplar(traceID: first, value: 3, time: time),
            ])
    }

    @Test(arguments: [[], [1, 1], [2, 1], [1, .infinity], [.nan], (0...64).map(Double.init)] as [[Double]])
    func `Refuses unusable buckets`(buckets: [Double]) {
        #expect(throws: MetricError.self) {
            try MetricsRegistry().histogram("h", help: "H.", buckets: buckets)
        }
    }
}

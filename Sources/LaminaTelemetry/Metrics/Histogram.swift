import Synchronization

/// Observations counted in buckets: latencies in seconds, tokens per request.
///
/// One short lock per observation keeps buckets, count and sum of a snapshot in agreement.
package final class Histogram: MetricSeries {
    private struct State {
        var counts: [UInt64]
        var sum = 0.0
        var exemplars: [Exemplar?]
    }

    private let upperBounds: [Double]
    private let clock: @Sendable () -> UnixTime
    private let state: Mutex<State>

    /// - Parameters:
    ///   - upperBounds: inclusive upper bounds, finite and strictly increasing; the bucket beyond the last is implied.
    ///   - clock: gives exemplars their time.
    init(upperBounds: [Double], clock: @escaping @Sendable () -> UnixTime) {
        self.upperBounds = upperBounds
        self.clock = clock
        let bucketCount = upperBounds.count + 1
        state = Mutex(
            State(counts: .init(repeating: 0, count: bucketCount), exemplars: .init(repeating: nil, count: bucketCount))
        )
    }

    /// Counts one observation; one that is not a number is ignored.
    ///
    /// - Parameters:
    ///   - value: the observation in the metric's unit.
    ///   - traceID: the trace it was made in, when that trace is recorded: it becomes the bucket's exemplar.
    package func observe(_ value: Double, traceID: TraceID? = nil) {
        guard !value.isNaN else { return }
        let bucket = upperBounds.firstIndex { value <= $0 } ?? upperBounds.count
        let exemplar = traceID.map { Exemplar(traceID: $0, value: value, time: clock()) }
        state.withLock { state in
            state.counts[bucket] += 1
            state.sum += value
            if let exemplar { state.exemplars[bucket] = exemplar }
        }
    }

    /// Counts a duration in seconds.
    package func observe(_ duration: Duration, traceID: TraceID? = nil) {
        let (seconds, attoseconds) = duration.components
        observe(Double(seconds) + Double(attoseconds) * 1e-18, traceID: traceID)
    }

    /// The buckets now.
    package var buckets: HistogramSnapshot {
        state.withLock { state in
            HistogramSnapshot(
                upperBounds: upperBounds, counts: state.counts, sum: state.sum, exemplars: state.exemplars)
        }
    }

    package func snapshot() -> MetricValue { .histogram(buckets) }

    /// Whether histograms may have these bounds.
    static func isValid(upperBounds: [Double]) -> Bool {
        (1...TelemetryLimits.bucketsPerHistogram).contains(upperBounds.count)
            && upperBounds.allSatisfy(\.isFinite)
            && zip(upperBounds, upperBounds.dropFirst()).allSatisfy { $0 < $1 }
    }
}

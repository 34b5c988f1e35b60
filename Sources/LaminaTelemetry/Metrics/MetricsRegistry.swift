import Synchronization

/// All metrics of a process: families are registered once, at start, and written out on every scrape.
package final class MetricsRegistry: Sendable {
    private struct State {
        var sources: [any MetricSource] = []
        var occupiedNames: Set<String> = []
    }

    private let clock: @Sendable () -> UnixTime
    private let overflows: MetricFamily<Counter>
    private let state: Mutex<State>

    /// An empty registry but for `lamina_metrics_series_overflow_total`, which counts, by metric, how often a label
    /// combination found no room.
    ///
    /// - Parameter clock: gives exemplars their time.
    package init(clock: @escaping @Sendable () -> UnixTime = UnixTime.now) {
        let descriptor = MetricDescriptor(
            checkedName: "lamina_metrics_series_overflow_total",
            help: "Look-ups of a label combination that went to the series 'other' because the metric has too many.",
            kind: .counter, labelNames: ["metric"])
        self.clock = clock
        // One series per registered family, so that it needs no bound of its own.
        overflows = MetricFamily(descriptor: descriptor, maximumSeries: .max, onOverflow: {}, makeSeries: { Counter() })
        state = Mutex(State(sources: [overflows], occupiedNames: Set(descriptor.occupiedNames)))
    }

    /// Registers a source of values.
    ///
    /// - Throws: ``MetricError/duplicateName(_:)``; nothing is registered then.
    package func register(_ source: any MetricSource) throws(MetricError) {
        let names = source.descriptors.flatMap(\.occupiedNames)
        try state.withLock { (state) throws(MetricError) in
            var occupiedNames = state.occupiedNames
            for name in names where !occupiedNames.insert(name).inserted {
                throw .duplicateName(name)
            }
            state.occupiedNames = occupiedNames
            state.sources.append(source)
        }
    }

    /// Registers a counter with labels; `name` ends in `_total`.
    package func counter(
        _ name: String, help: String, labels: [String], maximumSeries: Int = TelemetryLimits.seriesPerFamily
    ) throws(MetricError) -> MetricFamily<Counter> {
        try family(name, help, .counter, labels, maximumSeries) { Counter() }
    }

    /// Registers a counter without labels; `name` ends in `_total`.
    package func counter(_ name: String, help: String) throws(MetricError) -> Counter {
        try counter(name, help: help, labels: []).with()
    }

    /// Registers a gauge with labels.
    package func gauge(
        _ name: String, help: String, labels: [String], maximumSeries: Int = TelemetryLimits.seriesPerFamily
    ) throws(MetricError) -> MetricFamily<Gauge> {
        try family(name, help, .gauge, labels, maximumSeries) { Gauge() }
    }

    /// Registers a gauge without labels.
    package func gauge(_ name: String, help: String) throws(MetricError) -> Gauge {
        try gauge(name, help: help, labels: []).with()
    }

    /// Registers a gauge whose value is read on every scrape; `read` must be quick and wait for nothing.
    package func gauge(_ name: String, help: String, read: @escaping @Sendable () -> Double) throws(MetricError) {
        try register(ReadMetric(descriptor: MetricDescriptor(name: name, help: help, kind: .gauge), read: read))
    }

    /// Registers a counter whose value is read on every scrape; `read` must never fall, be quick and wait for nothing.
    package func counter(_ name: String, help: String, read: @escaping @Sendable () -> Double) throws(MetricError) {
        try register(ReadMetric(descriptor: MetricDescriptor(name: name, help: help, kind: .counter), read: read))
    }

    /// Registers a histogram with labels; `buckets` are inclusive upper bounds without +Inf.
    package func histogram(
        _ name: String, help: String, labels: [String], buckets: [Double],
        maximumSeries: Int = TelemetryLimits.seriesPerFamily
    ) throws(MetricError) -> MetricFamily<Histogram> {
        guard Histogram.isValid(upperBounds: buckets) else { throw .invalidBuckets(buckets, metric: name) }
        return try family(name, help, .histogram, labels, maximumSeries) { [clock] in
            Histogram(upperBounds: buckets, clock: clock)
        }
    }

    /// Registers a histogram without labels; `buckets` are inclusive upper bounds without +Inf.
    package func histogram(_ name: String, help: String, buckets: [Double]) throws(MetricError) -> Histogram {
        try histogram(name, help: help, labels: [], buckets: buckets).with()
    }

    /// The values of all families now, in the order of their registration.
    package func snapshot() -> [MetricFamilySnapshot] {
        let sources = state.withLock { $0.sources }
        return sources.flatMap { $0.snapshot() }
    }

    /// The values of all families now, as the body of a scrape's response.
    package func text(_ format: ExpositionFormat) -> String {
        ExpositionWriter.text(of: snapshot(), format: format)
    }

    private func family<Series>(
        _ name: String, _ help: String, _ kind: MetricDescriptor.Kind, _ labels: [String], _ maximumSeries: Int,
        makeSeries: @escaping @Sendable () -> Series
    ) throws(MetricError) -> MetricFamily<Series> {
        let family = MetricFamily(
            descriptor: try MetricDescriptor(name: name, help: help, kind: kind, labelNames: labels),
            maximumSeries: maximumSeries, onOverflow: { [overflows] in overflows.with(name).increment() },
            makeSeries: makeSeries)
        try register(family)
        return family
    }
}

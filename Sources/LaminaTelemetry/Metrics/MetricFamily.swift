import Synchronization

/// One series of a family: what ``MetricFamily`` needs to know about counters, gauges and histograms.
package protocol MetricSeries: AnyObject, Sendable {
    /// The value now.
    func snapshot() -> MetricValue
}

/// The series of one metric, told apart by label values and created when first used.
///
/// Label values may come from clients, so the number of series is bounded: once it is reached, every new combination
/// goes to one series whose values are all `other`, and is reported to the registry's overflow counter.
package final class MetricFamily<Series: MetricSeries>: MetricSource {
    /// What the family measures.
    package let descriptor: MetricDescriptor

    private let maximumSeries: Int
    private let makeSeries: @Sendable () -> Series
    private let onOverflow: @Sendable () -> Void
    private let series = Mutex<[[String]: Series]>([:])

    /// - Parameters:
    ///   - maximumSeries: series besides `other`.
    ///   - onOverflow: called each time a combination goes to `other`.
    ///   - makeSeries: makes a series with no observations.
    init(
        descriptor: MetricDescriptor, maximumSeries: Int, onOverflow: @escaping @Sendable () -> Void,
        makeSeries: @escaping @Sendable () -> Series
    ) {
        self.descriptor = descriptor
        self.maximumSeries = maximumSeries
        self.onOverflow = onOverflow
        self.makeSeries = makeSeries
    }

    /// The series with these label values, one for each of the descriptor's label names in their order.
    ///
    /// Keep the result where the values are fixed: updating a series needs no look-up. Values longer than
    /// ``TelemetryLimits/labelValueBytes`` are cut.
    package func with(_ labelValues: String...) -> Series {
        with(labelValues)
    }

    /// The series with these label values, one for each of the descriptor's label names in their order.
    package func with(_ labelValues: [String]) -> Series {
        precondition(
            labelValues.count == descriptor.labelNames.count,
            "\(descriptor.name) has the labels \(descriptor.labelNames), not \(labelValues.count) values")
        let isBounded = labelValues.allSatisfy { $0.utf8.count <= TelemetryLimits.labelValueBytes }
        let key = isBounded ? labelValues : labelValues.map(Self.bounded)
        let (found, isOverflow) = series.withLock { series in
            if let known = series[key] { return (known, false) }
            let isOverflow = series.count >= maximumSeries
            let newKey = isOverflow ? key.map { _ in "other" } : key
            if let known = series[newKey] { return (known, isOverflow) }
            let new = makeSeries()
            series[newKey] = new
            return (new, isOverflow)
        }
        if isOverflow { onOverflow() }
        return found
    }

    package var descriptors: [MetricDescriptor] { [descriptor] }

    package func snapshot() -> [MetricFamilySnapshot] {
        let known = series.withLock { $0 }
        let sorted = known.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        let snapshots = sorted.map { MetricFamilySnapshot.Series(labelValues: $0.key, value: $0.value.snapshot()) }
        return [MetricFamilySnapshot(descriptor: descriptor, series: snapshots)]
    }

    private static func bounded(_ value: String) -> String {
        guard value.utf8.count > TelemetryLimits.labelValueBytes else { return value }
        var result = ""
        var byteCount = 0
        for character in value {
            byteCount += character.utf8.count
            guard byteCount <= TelemetryLimits.labelValueBytes else { break }
            result.append(character)
        }
        return result
    }
}

/// A family's values at one moment, ready to be written in an exposition format.
package struct MetricFamilySnapshot: Sendable, Equatable {
    /// One series: the label values that tell it from the family's others, and its value.
    package struct Series: Sendable, Equatable {
        /// The label values, in the order of the descriptor's label names.
        package let labelValues: [String]
        /// The value.
        package let value: MetricValue

        /// A series with its value.
        package init(labelValues: [String] = [], value: MetricValue) {
            self.labelValues = labelValues
            self.value = value
        }
    }

    /// What the family measures.
    package let descriptor: MetricDescriptor
    /// Its series, in the order in which they are written.
    package let series: [Series]

    /// A family with its series.
    package init(descriptor: MetricDescriptor, series: [Series]) {
        self.descriptor = descriptor
        self.series = series
    }
}

/// The value of one series.
package enum MetricValue: Sendable, Equatable {
    /// A counter's or gauge's value.
    case number(Double)
    /// A histogram's buckets and sum.
    case histogram(HistogramSnapshot)
}

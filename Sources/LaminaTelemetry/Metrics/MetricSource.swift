/// Something that gives metric values when it is asked, such as a component that keeps its own counts.
///
/// A registry asks on every scrape, from the thread that serves the scrape: answer quickly and wait for nothing.
package protocol MetricSource: Sendable {
    /// The families the source gives values for; always the same.
    var descriptors: [MetricDescriptor] { get }

    /// The values now, in the order of ``descriptors``. A family that has no value now may be left out.
    func snapshot() -> [MetricFamilySnapshot]
}

/// A single value that is read from elsewhere on every scrape.
struct ReadMetric: MetricSource {
    let descriptor: MetricDescriptor
    let read: @Sendable () -> Double

    var descriptors: [MetricDescriptor] { [descriptor] }

    func snapshot() -> [MetricFamilySnapshot] {
        [MetricFamilySnapshot(descriptor: descriptor, series: [.init(value: .number(read()))])]
    }
}

/// Why a metric could not be registered.
package enum MetricError: Error, Equatable, Sendable {
    /// The name is not `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    case invalidName(String)
    /// A counter's name does not end in `_total`, or another kind's does.
    case misplacedTotalSuffix(name: String, kind: MetricDescriptor.Kind)
    /// The label's name is not `[a-zA-Z_][a-zA-Z0-9_]*`, or is reserved (`__*`, `le` in histograms).
    case invalidLabelName(String, metric: String)
    /// The label is named twice.
    case duplicateLabelName(String, metric: String)
    /// A registered family already uses `name`, or a sample name that the new one would use.
    case duplicateName(String)
    /// Histogram buckets must be finite, strictly increasing, and not be too many or none.
    case invalidBuckets([Double], metric: String)
}

extension MetricError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidName(let name):
            return "metric name '\(name)': allowed are letters, digits, '_' and ':', not starting with a digit"
        case .misplacedTotalSuffix(let name, .counter):
            return "counter '\(name)': the name must end in '_total'"
        case .misplacedTotalSuffix(let name, let kind):
            return "\(kind.rawValue) '\(name)': only a counter's name may end in '_total'"
        case .invalidLabelName(let label, let metric):
            return
                "metric '\(metric)': label name '\(label)': allowed are letters, digits and '_', not starting with a "
                + "digit or '__'; 'le' is reserved in histograms"
        case .duplicateLabelName(let label, let metric):
            return "metric '\(metric)': label '\(label)' is named twice"
        case .duplicateName(let name):
            return "metric name '\(name)' is already used by another family"
        case .invalidBuckets(let buckets, let metric):
            return
                "histogram '\(metric)': buckets must be 1 to \(TelemetryLimits.bucketsPerHistogram) finite, strictly "
                + "increasing bounds without +Inf, found \(buckets)"
        }
    }
}

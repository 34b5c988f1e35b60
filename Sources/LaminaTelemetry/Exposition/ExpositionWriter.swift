/// Writes metric values as text: Prometheus text format 0.0.4 or OpenMetrics 1.0.
///
/// The formats differ in four things: OpenMetrics names a counter's family without `_total`, escapes quotes in help
/// texts, has exemplars, and ends with `# EOF`.
package struct ExpositionWriter {
    private let format: ExpositionFormat
    private var text = ""

    /// The families written one after the other.
    package static func text(of families: [MetricFamilySnapshot], format: ExpositionFormat) -> String {
        var writer = ExpositionWriter(format: format)
        for family in families { writer.write(family) }
        if format == .openMetrics { writer.text += "# EOF\n" }
        return writer.text
    }

    private init(format: ExpositionFormat) {
        self.format = format
    }

    private mutating func write(_ family: MetricFamilySnapshot) {
        let descriptor = family.descriptor
        let name = format == .openMetrics ? descriptor.openMetricsName : descriptor.name
        let help = Self.escaped(descriptor.help, escapesQuotes: format == .openMetrics)
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(descriptor.kind.rawValue)\n"
        for series in family.series {
            let labels = zip(descriptor.labelNames, series.labelValues).map { name, value in
                "\(name)=\"\(Self.escaped(value, escapesQuotes: true))\""
            }
            switch series.value {
            case .number(let number):
                text += "\(descriptor.name)\(Self.block(labels)) \(Self.number(number))\n"
            case .histogram(let histogram):
                write(histogram, name: descriptor.name, labels: labels)
            }
        }
    }

    private mutating func write(_ histogram: HistogramSnapshot, name: String, labels: [String]) {
        var cumulative: UInt64 = 0
        for (bucket, count) in histogram.counts.enumerated() {
            cumulative += count
            // `1.0`, not `1`, as OpenMetrics asks for; the same in both formats so that it stays the same series.
            let bound = bucket < histogram.upperBounds.count ? "\(histogram.upperBounds[bucket])" : "+Inf"
            text += "\(name)_bucket\(Self.block(labels + ["le=\"\(bound)\""])) \(cumulative)"
            if format == .openMetrics, let exemplar = histogram.exemplars[bucket] {
                text += " # {trace_id=\"\(exemplar.traceID)\"} \(Self.number(exemplar.value))"
                text += " \(exemplar.time.secondsText)"
            }
            text += "\n"
        }
        text += "\(name)_sum\(Self.block(labels)) \(Self.number(histogram.sum))\n"
        text += "\(name)_count\(Self.block(labels)) \(cumulative)\n"
    }

    private static func block(_ labels: [String]) -> String {
        labels.isEmpty ? "" : "{\(labels.joined(separator: ","))}"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Whole numbers that a Double holds exactly, without ".0".
        if value == value.rounded(), abs(value) < 0x1p53 { return "\(Int(value))" }
        return "\(value)"
    }

    private static func escaped(_ value: String, escapesQuotes: Bool) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return value }
        var result = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where escapesQuotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}

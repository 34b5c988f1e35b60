/// What a family of series measures: its name, help text, kind and label names, checked once at registration.
package struct MetricDescriptor: Sendable, Equatable {
    /// The kinds of metrics, by their names in the exposition formats.
    package enum Kind: String, Sendable {
        /// A value that only grows.
        case counter
        /// A value that rises and falls.
        case gauge
        /// Observations counted in buckets.
        case histogram
    }

    /// The name in the Prometheus text format; a counter's ends in `_total`.
    package let name: String
    /// One sentence on what is measured, in which unit.
    package let help: String
    /// What kind of metric it is.
    package let kind: Kind
    /// The names of the labels, in the order in which their values are given.
    package let labelNames: [String]

    /// Describes a family.
    ///
    /// Names follow the Prometheus data model: `[a-zA-Z_:][a-zA-Z0-9_:]*` for metrics, `[a-zA-Z_][a-zA-Z0-9_]*` for
    /// labels, of which `__*` and, in histograms, `le` are reserved.
    ///
    /// - Throws: ``MetricError`` when a name cannot be used.
    package init(name: String, help: String, kind: Kind, labelNames: [String] = []) throws(MetricError) {
        guard Self.isName(name, allowsColon: true) else { throw .invalidName(name) }
        guard (kind == .counter) == name.hasSuffix("_total") else {
            throw .misplacedTotalSuffix(name: name, kind: kind)
        }
        for (index, label) in labelNames.enumerated() {
            let isReserved = label.hasPrefix("__") || (kind == .histogram && label == "le")
            guard Self.isName(label, allowsColon: false), !isReserved else {
                throw .invalidLabelName(label, metric: name)
            }
            guard !labelNames[..<index].contains(label) else { throw .duplicateLabelName(label, metric: name) }
        }
        self.init(checkedName: name, help: help, kind: kind, labelNames: labelNames)
    }

    /// Describes a family whose names stand in this module's source.
    init(checkedName name: String, help: String, kind: Kind, labelNames: [String] = []) {
        self.name = name
        self.help = help
        self.kind = kind
        self.labelNames = labelNames
    }

    /// The name of the family in OpenMetrics, where only a counter's samples have the suffix `_total`.
    var openMetricsName: String { kind == .counter ? String(name.dropLast("_total".count)) : name }

    /// The names the family's samples and its header take in either exposition format.
    var occupiedNames: [String] {
        switch kind {
        case .counter: return [name, openMetricsName]
        case .gauge: return [name]
        case .histogram: return [name, "\(name)_bucket", "\(name)_count", "\(name)_sum"]
        }
    }

    private static func isName(_ name: String, allowsColon: Bool) -> Bool {
        guard let first = name.utf8.first, !isDigit(first) else { return false }
        return name.utf8.allSatisfy { byte in
            isDigit(byte) || byte == UInt8(ascii: "_") || (allowsColon && byte == UInt8(ascii: ":"))
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The text formats a scrape can be answered in.
package enum ExpositionFormat: Sendable, CaseIterable {
    /// Prometheus text format 0.0.4: what every scraper reads.
    case prometheusText
    /// OpenMetrics 1.0: the same values with exemplars.
    case openMetrics

    /// The value of the response's Content-Type header.
    package var contentType: String {
        switch self {
        case .prometheusText: return "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: return "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format for a request's Accept header (RFC 9110 §12.5.1).
    ///
    /// OpenMetrics only where it is named, in version 1.0.0 or without version, with a weight not below the text
    /// format's. Everything else gets the text format, also when the header asks for neither: a scraper is better
    /// served with something it may read than with 406.
    package static func negotiated(accept: String?) -> ExpositionFormat {
        var openMetricsWeight = 0.0
        var textWeight = 0.0
        for range in (accept ?? "").split(separator: ",") {
            let mediaRange = MediaRange(range)
            switch (mediaRange.type, mediaRange.version) {
            case ("application/openmetrics-text", nil), ("application/openmetrics-text", "1.0.0"):
                openMetricsWeight = max(openMetricsWeight, mediaRange.weight)
            case ("text/plain", nil), ("text/plain", "0.0.4"), ("text/*", _), ("*/*", _):
                textWeight = max(textWeight, mediaRange.weight)
            default: break
            }
        }
        return openMetricsWeight > 0 && openMetricsWeight >= textWeight ? .openMetrics : .prometheusText
    }
}

/// One element of an Accept header: media type, `version` and weight.
private struct MediaRange {
    let type: String
    private(set) var version: String?
    private(set) var weight = 1.0

    init(_ text: Substring) {
        let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(Self.trimmed)
        type = parts[0].lowercased()
        for parameter in parts.dropFirst() {
            let pair = parameter.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard pair.count == 2 else { continue }
            switch pair[0].lowercased() {
            case "version": version = pair[1].filter { $0 != "\"" }
            // A weight that is no number from 0 to 1 excludes the range.
            case "q": weight = Double(pair[1]).flatMap { (0...1).contains($0) ? $0 : nil } ?? 0
            default: break
            }
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

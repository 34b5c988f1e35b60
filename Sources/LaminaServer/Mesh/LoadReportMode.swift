/// When answers carry a load report.
package enum LoadReportMode: String, Sendable, CaseIterable {
    /// Never.
    case off
    /// Where a request asks for one (`endpoint-load-metrics-format`).
    case onRequest = "on-request"
    /// There, and with every answer to a request for text.
    case always
}

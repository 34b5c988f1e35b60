import LaminaHTTP

extension Doctor {
    /// An export of no spans, which every collector takes.
    private static let emptyExport = #"{"resourceSpans":[]}"#

    /// Whether the collector of traces takes what is sent to it. Spans that it does not take are lost, and nothing else is.
    func examineTraces() async -> [Finding] {
        let remarks = passedOver.map { Finding(.traces, .warning, $0) }
        guard let tracing = configuration.tracing else { return remarks }
        return await remarks + examine(tracing)
    }

    private func examine(_ tracing: TracingConfiguration) async -> [Finding] {
        do throws(TLSError) {
            switch await (try OTLPClient(tracing)).send(Array(Self.emptyExport.utf8)) {
            case .accepted: return [Finding(.traces, .ok, "\(tracing.endpoint) takes spans")]
            case .postponed(let reason, _), .refused(let reason):
                return [
                    Finding(
                        .traces, .warning, "\(tracing.endpoint) takes no spans: \(reason)",
                        advice: "check OTEL_EXPORTER_OTLP_ENDPOINT, and that a collector of OTLP over HTTP runs there")
                ]
            }
        } catch {
            return [Finding(.traces, .warning, "no traces are exported: \(error)")]
        }
    }
}

import HTTPTypes
import LaminaHTTP
import LaminaTelemetry

/// The layer that talks with a proxy in front: counts what it sends again, and tells it the load.
struct MeshTraffic: Sendable {
    let mode: LoadReportMode
    let load: LoadMonitor
    private let retried: Counter

    /// - Throws: `MetricError` where the name is taken.
    init(mode: LoadReportMode, load: LoadMonitor, registry: MetricsRegistry) throws {
        self.mode = mode
        self.load = load
        retried = try registry.counter(
            "lamina_http_retried_requests_total",
            help: "Requests that a proxy had sent before, here or elsewhere (x-envoy-attempt-count above 1).")
    }

    func respond(to request: IncomingRequest, _ next: Router.Handler) async -> OutgoingResponse {
        let fields = request.head.headerFields
        if let attempt = EnvoyAttempt(fields), attempt.isRetry { retried.increment() }
        var response = await next(request)
        if let format = format(fields, route: response.route) {
            // A stream's head is of the moment when it begins, which may be long after it was asked for.
            response.onHead = { [load] in $0[.endpointLoadMetrics] = load.report().map(format.value) }
        }
        return response
    }

    private func format(_ fields: HTTPFields, route: String?) -> LoadReportFormat? {
        switch mode {
        case .off: nil
        case .onRequest: LoadReportFormat(fields)
        case .always:
            LoadReportFormat(fields) ?? (route.map(OpenAIRoutes.generationPaths.contains) == true ? .text : nil)
        }
    }
}

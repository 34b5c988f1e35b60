import HTTPTypes
import LaminaHTTP
import LaminaTelemetry

/// Connections and exchanges of the HTTP server.
struct HTTPMetrics: Sendable {
    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]

    private let requests: MetricFamily<Counter>
    private let durations: MetricFamily<Histogram>
    private let connections: Gauge
    private let connectionsTotal: Counter
    private let refusedConnections: MetricFamily<Counter>
    private let refusedRequests: MetricFamily<Counter>
    private let suspensions: Counter
    private let handshakes: MetricFamily<Counter>

    init(_ registry: MetricsRegistry) throws {
        requests = try registry.counter(
            "lamina_http_requests_total", help: "Requests answered, by method, route and status.",
            labels: ["method", "route", "status"])
        durations = try registry.histogram(
            "lamina_http_request_duration_seconds", help: "From a request's first byte to its answer's last.",
            labels: ["method", "route"], buckets: MetricBuckets.http)
        connections = try registry.gauge("lamina_http_connections", help: "Open connections.")
        connectionsTotal = try registry.counter("lamina_http_connections_accepted_total", help: "Connections accepted.")
        refusedConnections = try registry.counter(
            "lamina_http_connections_refused_total",
            help: "Connections refused because there were too many, in all (total) or of one peer (peer).",
            labels: ["limit"])
        refusedRequests = try registry.counter(
            "lamina_http_malformed_requests_total",
            help: "Requests refused before a handler saw them, by status; 499 for those cut off by the client.",
            labels: ["status"])
        suspensions = try registry.counter(
            "lamina_http_accept_suspensions_total", help: "Times accepting paused because no descriptor was free.")
        handshakes = try registry.counter(
            "lamina_tls_handshakes_total", help: "TLS handshakes: ok, resumed, or why they failed.", labels: ["result"])
        for limit in ["total", "peer"] { _ = refusedConnections.with(limit) }
    }

    func observe(_ event: HTTPServerEvent) {
        switch event {
        case .connectionOpened:
            connections.increment()
            connectionsTotal.increment()
        case .connectionClosed: connections.decrement()
        case .connectionRefused(let limit, _): refusedConnections.with(limit == .total ? "total" : "peer").increment()
        case .requestRefused(let error, _):
            refusedRequests.with(error == .truncated ? "499" : "\(error.status.code)").increment()
        case .acceptSuspended: suspensions.increment()
        case .handshakeFinished(let security, _): handshakes.with(security.isResumed ? "resumed" : "ok").increment()
        case .handshakeFailed(let failure, _): handshakes.with(failure.cause.rawValue).increment()
        case .responseReplaced: break
        case .requestFinished(let report):
            // What clients invent must not grow the number of series.
            let method = Self.methods.contains(report.method) ? report.method.rawValue : "other"
            let route = report.route ?? "other"
            // nginx's number for a client that left before its answer was complete.
            let status = report.outcome == .clientGone ? 499 : report.status.code
            requests.with(method, route, "\(status)").increment()
            durations.with(method, route).observe(report.duration)
        }
    }
}

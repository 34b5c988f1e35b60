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
    private let refusedConnections: Counter
    private let malformedRequests: Counter

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
            "lamina_http_connections_refused_total", help: "Connections refused because there were too many.")
        malformedRequests = try registry.counter(
            "lamina_http_malformed_requests_total", help: "Requests refused before a handler saw them.")
    }

    func observe(_ event: HTTPServerEvent) {
        switch event {
        case .connectionOpened:
            connections.increment()
            connectionsTotal.increment()
        case .connectionClosed: connections.decrement()
        case .connectionRefused: refusedConnections.increment()
        case .requestRefused: malformedRequests.increment()
        case .acceptSuspended, .responseReplaced: break
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

package import LaminaTelemetry

/// Whether what was read again from files could be used: a rotation that fails must not go unnoticed.
package struct ReloadMetrics: Sendable {
    private let reloads: MetricFamily<Counter>

    /// - Throws: `MetricError` where the name is taken.
    package init(_ registry: MetricsRegistry) throws {
        reloads = try registry.counter(
            "lamina_reloads_total", help: "Files read again, by what they hold and whether they could be used.",
            labels: ["what", "result"])
    }

    /// Shows zeros from the start, so that the first failure is an increase.
    func expect(_ what: String) {
        _ = reloads.with(what, "ok")
        _ = reloads.with(what, "failed")
    }

    func observe(_ what: String, succeeded: Bool) { reloads.with(what, succeeded ? "ok" : "failed").increment() }
}

import Testing

@testable import LaminaTelemetry

struct ExpositionWriterTests {
    @Test func `Writes the Prometheus text format`() throws {
        let text = try Self.filledRegistry().text(.prometheusText)
        #expect(text.hasPrefix("# HELP lamina_metrics_series_overflow_total "))
        #expect(
            Self.withoutOverflow(text) == """
                # HELP lamina_requests_total Requests by "route" and\\nstatus, \\\\ escaped.
                # TYPE lamina_requests_total counter
                lamina_requests_total{route="/v1/chat",status="200"} 3
                lamina_requests_total{route="a\\\\b\\n\\"c\\"",status="500"} 0.5
                # HELP lamina_running Running.
                # TYPE lamina_running gauge
                lamina_running 2
                # HELP lamina_ttft_seconds Time to first token in seconds.
                # TYPE lamina_ttft_seconds histogram
                lamina_ttft_seconds_bucket{model="m",le="0.001"} 1
                lamina_ttft_seconds_bucket{model="m",le="1.0"} 3
                lamina_ttft_seconds_bucket{model="m",le="2560.0"} 3
                lamina_ttft_seconds_bucket{model="m",le="+Inf"} 4
                lamina_ttft_seconds_sum{model="m"} 3001.5005
                lamina_ttft_seconds_count{model="m"} 4

                """)
    }

    @Test func `Writes OpenMetrics with exemplars`() throws {
        let text = try Self.filledRegistry().text(.openMetrics)
        #expect(text.hasPrefix("# HELP lamina_metrics_series_overflow "))
        #expect(
            Self.withoutOverflow(text) == """
                # HELP lamina_requests Requests by \\"route\\" and\\nstatus, \\\\ escaped.
                # TYPE lamina_requests counter
                lamina_requests_total{route="/v1/chat",status="200"} 3
                lamina_requests_total{route="a\\\\b\\n\\"c\\"",status="500"} 0.5
                # HELP lamina_running Running.
                # TYPE lamina_running gauge
                lamina_running 2
                # HELP lamina_ttft_seconds Time to first token in seconds.
                # TYPE lamina_ttft_seconds histogram
                lamina_ttft_seconds_bucket{model="m",le="0.001"} 1
                lamina_ttft_seconds_bucket{model="m",le="1.0"} 3 # {trace_id="\(traceID)"} 0.75 1763920800.042
                lamina_ttft_seconds_bucket{model="m",le="2560.0"} 3
                lamina_ttft_seconds_bucket{model="m",le="+Inf"} 4
                lamina_ttft_seconds_sum{model="m"} 3001.5005
                lamina_ttft_seconds_count{model="m"} 4
                # EOF

                """)
    }

    @Test(arguments: [
        (0, "0"), (-0.0, "0"), (-3, "-3"), (1e15, "1000000000000000"), (1e16, "1e+16"), (0.1, "0.1"), (1e-7, "1e-07"),
        (.infinity, "+Inf"), (-.infinity, "-Inf"), (.nan, "NaN"), (9_007_199_254_740_991, "9007199254740991"),
    ])
    func `Writes every number so that it is read back`(value: Double, text: String) throws {
        let registry = MetricsRegistry()
        try registry.gauge("g", help: "G.").set(value)
        #expect(registry.text(.prometheusText).hasSuffix("\ng \(text)\n"))
    }

    @Test func `Writes the header of a family without series`() throws {
        let registry = MetricsRegistry()
        _ = try registry.gauge("g", help: "G.", labels: ["a"])
        #expect(registry.text(.prometheusText).hasSuffix("# HELP g G.\n# TYPE g gauge\n"))
    }

    private let traceID = "0af7651916cd43dd8448eb211c80319c"

    private static func filledRegistry() throws -> MetricsRegistry {
        let registry = MetricsRegistry { UnixTime(seconds: 1_763_920_800, nanoseconds: 42_000_000) }
        let requests = try registry.counter(
            "lamina_requests_total", help: "Requests by \"route\" and\nstatus, \\ escaped.",
            labels: ["route", "status"])
        requests.with("a\\b\n\"c\"", "500").increment(by: 0.5)
        requests.with("/v1/chat", "200").increment(by: 3)
        try registry.gauge("lamina_running", help: "Running.").set(2)
        let ttft = try registry.histogram(
            "lamina_ttft_seconds", help: "Time to first token in seconds.", labels: ["model"],
            buckets: [0.001, 1, 2560])
        ttft.with("m").observe(0.0005)
        ttft.with("m").observe(0.75, traceID: TraceID(hexadecimal: "0af7651916cd43dd8448eb211c80319c"))
        ttft.with("m").observe(0.75)
        ttft.with("m").observe(3000)
        return registry
    }

    /// The text behind the registry's own family.
    private static func withoutOverflow(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.dropFirst(2).joined(separator: "\n")
    }
}

import Testing

@testable import LaminaTelemetry

struct MetricsRegistryTests {
    @Test(arguments: ["", "1a", "a-b", "a b", "ä", "a{", "a\n"])
    func `Refuses bad metric names`(name: String) {
        #expect(throws: MetricError.invalidName(name)) { try MetricsRegistry().gauge(name, help: "") }
    }

    @Test(arguments: ["", "1a", "a-b", "a:b", "__a", "é"])
    func `Refuses bad label names`(label: String) {
        #expect(throws: MetricError.invalidLabelName(label, metric: "g")) {
            try MetricsRegistry().gauge("g", help: "", labels: [label])
        }
    }

    @Test func `Reserves le in histograms and refuses a label named twice`() throws {
        let registry = MetricsRegistry()
        #expect(throws: MetricError.invalidLabelName("le", metric: "h")) {
            try registry.histogram("h", help: "", labels: ["le"], buckets: [1])
        }
        #expect(throws: MetricError.duplicateLabelName("a", metric: "g")) {
            try registry.gauge("g", help: "", labels: ["a", "b", "a"])
        }
        _ = try registry.gauge("vllm:num_requests_running", help: "", labels: ["le", "_A1"])
    }

    @Test func `Asks for the suffix _total on counters and only there`() {
        let registry = MetricsRegistry()
        #expect(throws: MetricError.misplacedTotalSuffix(name: "requests", kind: .counter)) {
            try registry.counter("requests", help: "")
        }
        #expect(throws: MetricError.misplacedTotalSuffix(name: "requests_total", kind: .gauge)) {
            try registry.gauge("requests_total", help: "")
        }
    }

    @Test func `Refuses names that are taken, also by samples of another family`() throws {
        let registry = MetricsRegistry()
        _ = try registry.gauge("g", help: "")
        _ = try registry.histogram("h", help: "", buckets: [1])
        _ = try registry.counter("c_total", help: "")
        #expect(throws: MetricError.duplicateName("g")) { try registry.gauge("g", help: "") }
        #expect(throws: MetricError.duplicateName("h_count")) { try registry.gauge("h_count", help: "") }
        #expect(throws: MetricError.duplicateName("c")) { try registry.gauge("c", help: "") }
        #expect(throws: MetricError.duplicateName("g")) { try registry.counter("g_total", help: "") }
        // A refused family leaves no names behind.
        _ = try registry.gauge("g_total_seconds", help: "")
        #expect(try registry.gauge("new", help: "").value == 0)
    }

    @Test func `Reads values that are kept elsewhere on every scrape`() throws {
        let registry = MetricsRegistry()
        let elsewhere = Gauge()
        try registry.gauge("waiting", help: "Waiting.") { elsewhere.value }
        try registry.counter("steps_total", help: "Steps.") { elsewhere.value * 10 }
        elsewhere.set(3)
        #expect(registry.text(.prometheusText).contains("waiting 3\n"))
        elsewhere.set(4)
        #expect(registry.text(.prometheusText).contains("waiting 4\n"))
        #expect(registry.text(.openMetrics).contains("# TYPE steps counter\nsteps_total 40\n"))
    }

    @Test func `Says what is wrong with a registration`() {
        #expect(
            MetricError.misplacedTotalSuffix(name: "requests", kind: .counter).description
                == "counter 'requests': the name must end in '_total'")
        #expect(
            MetricError.duplicateName("g").description == "metric name 'g' is already used by another family")
    }
}

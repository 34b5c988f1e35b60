import Testing

@testable import LaminaTelemetry

struct MetricFamilyTests {
    @Test func `The same label values give the same series`() throws {
        let family = try MetricsRegistry().counter("c_total", help: "C.", labels: ["a", "b"])
        #expect(family.with("x", "y") === family.with("x", "y"))
        #expect(family.with("x", "y") !== family.with("y", "x"))
        #expect(family.with("xy", "") !== family.with("x", "y"))
    }

    @Test func `New combinations beyond the cap share one series and are counted`() throws {
        let registry = MetricsRegistry()
        let family = try registry.counter("c_total", help: "C.", labels: ["model", "user"], maximumSeries: 2)
        family.with("m", "1").increment()
        family.with("m", "2").increment()
        family.with("m", "3").increment()
        family.with("m", "4").increment()
        family.with("m", "1").increment()
        let text = registry.text(.prometheusText)
        #expect(
            text.hasSuffix(
                """
                # TYPE c_total counter
                c_total{model="m",user="1"} 2
                c_total{model="m",user="2"} 1
                c_total{model="other",user="other"} 2

                """))
        #expect(text.contains("lamina_metrics_series_overflow_total{metric=\"c_total\"} 2\n"))
    }

    @Test func `A flood of label values leaves a bounded number of series`() throws {
        let family = try MetricsRegistry().gauge("g", help: "G.", labels: ["path"])
        for index in 0..<10_000 { family.with("/\(index)").set(index) }
        #expect(family.snapshot().first?.series.count == TelemetryLimits.seriesPerFamily + 1)
    }

    @Test func `Long label values are cut at a character's end`() throws {
        let family = try MetricsRegistry().gauge("g", help: "G.", labels: ["model"])
        family.with(String(repeating: "é", count: 200)).set(1)
        #expect(family.snapshot().first?.series.map(\.labelValues) == [[String(repeating: "é", count: 128)]])
        #expect(family.with(String(repeating: "é", count: 300)).value == 1)
    }
}

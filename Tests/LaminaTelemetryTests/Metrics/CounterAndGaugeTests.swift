import Testing

@testable import LaminaTelemetry

struct CounterAndGaugeTests {
    @Test func `A counter adds up`() {
        let counter = Counter()
        #expect(counter.value == 0)
        counter.increment()
        counter.increment(by: 2)
        counter.increment(by: 0.5)
        #expect(counter.value == 3.5)
    }

    @Test(arguments: [-1, 0, -.infinity, .infinity, .nan] as [Double])
    func `A counter ignores what would not let it grow by a number`(amount: Double) {
        let counter = Counter()
        counter.increment(by: 1)
        counter.increment(by: amount)
        #expect(counter.value == 1)
    }

    @Test func `A gauge is set, rises and falls`() {
        let gauge = Gauge()
        gauge.set(10)
        gauge.increment()
        gauge.decrement(by: 4)
        #expect(gauge.value == 7)
        gauge.set(-0.25)
        #expect(gauge.value == -0.25)
    }

    @Test func `Concurrent updates are all counted`() async throws {
        let registry = MetricsRegistry()
        let requests = try registry.counter("requests_total", help: "Requests.", labels: ["worker"])
        let running = try registry.gauge("running", help: "Running.")
        let sizes = try registry.histogram("sizes", help: "Sizes.", buckets: [1, 2])
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for step in 0..<5000 {
                        requests.with("\(worker % 2)").increment()
                        running.increment()
                        running.decrement()
                        sizes.observe(Double(step % 3 + 1))
                    }
                }
            }
        }
        #expect(requests.with("0").value == 20_000)
        #expect(requests.with("1").value == 20_000)
        #expect(running.value == 0)
        #expect(sizes.buckets.count == 40_000)
        // 5000 steps leave a remainder of two when divided by three.
        #expect(sizes.buckets.counts == [13_336, 13_336, 13_328])
        #expect(sizes.buckets.sum == 79_992)
    }
}

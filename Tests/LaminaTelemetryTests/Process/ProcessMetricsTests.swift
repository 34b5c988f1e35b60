import Testing

@testable import LaminaTelemetry

struct ProcessMetricsTests {
    @Test func `Parses the status line whatever the program is called`() throws {
        let fields = "S 1 7 7 0 -1 4194560 100 0 5 0 250 50 0 0 20 0 9 0 12345 987654144 4321 18446744073709551615 1 1"
        for name in ["lamina", "a b) (c", ") S 9 9", ""] {
            let status = try #require(ProcessStatus(stat: "7 (\(name)) \(fields)\n"))
            #expect(status.cpuTicks == 300)
            #expect(status.startTicks == 12345)
            #expect(status.virtualBytes == 987_654_144)
            #expect(status.residentPages == 4321)
        }
    }

    @Test(arguments: ["", "7 (x)", "7 (x) S 1 2 3", "7 x S", "7 (x) " + String(repeating: "x ", count: 30)])
    func `Knows when a status line has another form`(line: String) {
        #expect(ProcessStatus(stat: line) == nil)
    }

    @Test func `Parses the limit on open files and the boot time`() {
        let limits =
            "Limit  Soft Limit  Hard Limit  Units\nMax open files            1024                 4096    files\n"
        #expect(ProcessStatus.maximumOpenFiles(limits: limits) == 1024)
        #expect(ProcessStatus.maximumOpenFiles(limits: "Max open files   unlimited  unlimited files\n") == nil)
        #expect(ProcessStatus.maximumOpenFiles(limits: "") == nil)
        #expect(ProcessStatus.bootTimeSeconds(systemStat: "cpu 1 2\nbtime 1763900000\nx 1\n") == 1_763_900_000)
        #expect(ProcessStatus.bootTimeSeconds(systemStat: "cpu 1 2\n") == nil)
    }

    @Test func `Reports this process`() throws {
        let registry = MetricsRegistry()
        try registry.register(ProcessMetrics())
        var values: [String: Double] = [:]
        for family in registry.snapshot() {
            if case .number(let value)? = family.series.first?.value { values[family.descriptor.name] = value }
        }
        let now = Double(UnixTime.now().seconds)
        #expect(try #require(values["process_cpu_seconds_total"]) > 0)
        #expect(try #require(values["process_resident_memory_bytes"]) > 1e6)
        #expect(
            try #require(values["process_virtual_memory_bytes"]) > #require(values["process_resident_memory_bytes"]))
        let openFiles = try #require(values["process_open_fds"])
        #expect(openFiles >= 3)
        let maximumFiles = try #require(values["process_max_fds"])
        #expect(maximumFiles >= openFiles)
        #expect(maximumFiles == maximumFiles.rounded())
        let start = try #require(values["process_start_time_seconds"])
        #expect(start > now - 86_400 && start < now + 5)
    }

    @Test func `Gives no values where there is no proc file system`() throws {
        let metrics = ProcessMetrics(directory: "/nonexistent")
        #expect(metrics.snapshot().isEmpty)
        #expect(metrics.descriptors.count == 6)
    }

    @Test func `Cannot be registered twice`() throws {
        let registry = MetricsRegistry()
        try registry.register(ProcessMetrics())
        #expect(throws: MetricError.duplicateName("process_cpu_seconds_total")) {
            try registry.register(ProcessMetrics())
        }
    }
}

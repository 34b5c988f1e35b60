#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The `process_*` metrics that Prometheus client libraries share, read from `/proc` on every scrape.
///
/// Where `/proc` does not say, the family has no value.
package struct ProcessMetrics: MetricSource {
    private static let cpu = MetricDescriptor(
        checkedName: "process_cpu_seconds_total", help: "CPU time spent in user and kernel mode in seconds.",
        kind: .counter)
    private static let resident = MetricDescriptor(
        checkedName: "process_resident_memory_bytes", help: "Resident memory in bytes.", kind: .gauge)
    private static let virtual = MetricDescriptor(
        checkedName: "process_virtual_memory_bytes", help: "Virtual memory in bytes.", kind: .gauge)
    private static let openFiles = MetricDescriptor(
        checkedName: "process_open_fds", help: "Open file descriptors.", kind: .gauge)
    private static let maximumFiles = MetricDescriptor(
        checkedName: "process_max_fds", help: "File descriptors the process may open.", kind: .gauge)
    private static let start = MetricDescriptor(
        checkedName: "process_start_time_seconds", help: "Start of the process in seconds since 1970-01-01.",
        kind: .gauge)

    package let descriptors = [cpu, resident, virtual, openFiles, maximumFiles, start]

    private let directory: String
    private let bootTimeSeconds: UInt64?
    private let ticksPerSecond = Double(max(1, sysconf(Int32(_SC_CLK_TCK))))
    private let pageBytes = UInt64(max(1, sysconf(Int32(_SC_PAGESIZE))))

    /// - Parameter directory: where the proc file system is mounted.
    package init(directory: String = "/proc") {
        self.directory = directory
        bootTimeSeconds = Self.contents("\(directory)/stat").flatMap(ProcessStatus.bootTimeSeconds(systemStat:))
    }

    package func snapshot() -> [MetricFamilySnapshot] {
        let status = Self.contents("\(directory)/self/stat").flatMap(ProcessStatus.init(stat:))
        let maximum = Self.contents("\(directory)/self/limits").flatMap(ProcessStatus.maximumOpenFiles(limits:))
        let values: [(MetricDescriptor, Double?)] = [
            (Self.cpu, status.map { Double($0.cpuTicks) / ticksPerSecond }),
            (Self.resident, status.map { Double($0.residentPages.multipliedReportingOverflow(by: pageBytes).0) }),
            (Self.virtual, status.map { Double($0.virtualBytes) }),
            (Self.openFiles, Self.entryCount("\(directory)/self/fd").map { Double($0) }),
            (Self.maximumFiles, maximum.map { Double($0) }),
            (Self.start, startTimeSeconds(status)),
        ]
        return values.compactMap { descriptor, value in
            value.map { MetricFamilySnapshot(descriptor: descriptor, series: [.init(value: .number($0))]) }
        }
    }

    private func startTimeSeconds(_ status: ProcessStatus?) -> Double? {
        guard let status, let bootTimeSeconds else { return nil }
        return Double(bootTimeSeconds) + Double(status.startTicks) / ticksPerSecond
    }

    /// A file's text, up to 1 MiB (`/proc/stat` grows with the number of interrupts and processors).
    private static func contents(_ path: String) -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < 1 << 20 {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The number of entries in a directory but for `.`, `..` and the descriptor that reads it.
    private static func entryCount(_ path: String) -> Int? {
        guard let directory = opendir(path) else { return nil }
        defer { closedir(directory) }
        var count = 0
        while readdir(directory) != nil { count += 1 }
        return max(0, count - 3)
    }
}

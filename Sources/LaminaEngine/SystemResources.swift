import FoundationEssentials
import LaminaKernels

/// What the machine, or the container's control group, lets this process have.
package struct SystemResources: Sendable, Equatable {
    /// Memory that can still be taken, in bytes: what the machine has available, or less where a cgroup says so.
    package var availableMemoryBytes: Int
    /// Threads that can run at once: the affinity mask, or a CPU quota rounded up where that is less.
    package var processorCount: Int

    /// Resources given by numbers.
    package init(availableMemoryBytes: Int, processorCount: Int) {
        self.availableMemoryBytes = availableMemoryBytes
        self.processorCount = processorCount
    }

    /// Reads /proc and the cgroup file system (version 2, else 1).
    /// - Parameter root: where to look for both; tests give another folder.
    package static func current(root: String = "/") -> SystemResources {
        SystemResources(
            availableMemoryBytes: min(machineMemory(root) ?? .max, cgroupMemory(root) ?? .max),
            processorCount: min(InstructionSet.processorCount, cgroupProcessors(root) ?? .max))
    }

    private static func machineMemory(_ root: String) -> Int? {
        guard let text = read(root, "proc/meminfo") else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix("MemAvailable:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
        }
        return nil
    }

    /// The limit less what is used. Page cache counts as used but is given up on demand, so it is added back.
    private static func cgroupMemory(_ root: String) -> Int? {
        let folder = cgroupFolder(root)
        if let limit = number(folder, "memory.max"), let used = number(folder, "memory.current") {
            return max(0, limit - used + (statistic(folder, "inactive_file") ?? 0))
        }
        let old = "\(root)/sys/fs/cgroup/memory"
        guard let limit = number(old, "memory.limit_in_bytes"), limit < 1 << 60,
            let used = number(old, "memory.usage_in_bytes")
        else { return nil }
        return max(0, limit - used + (statistic(old, "total_inactive_file") ?? 0))
    }

    private static func cgroupProcessors(_ root: String) -> Int? {
        if let parts = read(cgroupFolder(root), "cpu.max")?.split(whereSeparator: \.isWhitespace),
            parts.count == 2, let quota = Int(parts[0]), let period = Int(parts[1]), period > 0
        {
            return max(1, (quota + period - 1) / period)
        }
        let old = "\(root)/sys/fs/cgroup/cpu"
        guard let quota = number(old, "cpu.cfs_quota_us"), quota > 0, let period = number(old, "cpu.cfs_period_us"),
            period > 0
        else { return nil }
        return max(1, (quota + period - 1) / period)
    }

    /// The process's own cgroup under version 2 ("0::/path"), or the root of what the container sees.
    private static func cgroupFolder(_ root: String) -> String {
        let base = "\(root)/sys/fs/cgroup"
        let line = read(root, "proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
        guard let path = line?.dropFirst(3), read("\(base)\(path)", "memory.max") != nil else { return base }
        return "\(base)\(path)"
    }

    private static func statistic(_ folder: String, _ name: String) -> Int? {
        read(folder, "memory.stat")?.split(separator: "\n").first { $0.hasPrefix("\(name) ") }
            .flatMap { Int($0.dropFirst(name.count + 1)) }
    }

    private static func number(_ folder: String, _ name: String) -> Int? {
        read(folder, name).flatMap { Int($0.trimmingPrefix { $0.isWhitespace }.prefix { !$0.isWhitespace }) }
    }

    private static func read(_ folder: String, _ name: String) -> String? {
        try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
}

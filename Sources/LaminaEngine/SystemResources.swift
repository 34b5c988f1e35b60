import FoundationEssentials
import LaminaKernels

/// What the machine, or the container's control group, lets this process have.
package struct SystemResources: Sendable, Equatable {
    /// Memory that can still be taken, in bytes: what the machine has available, or less where a cgroup or `ulimit -v` says so.
    package var availableMemoryBytes: Int
    /// Threads that can run at once: the affinity mask, or a CPU quota rounded up where that is less.
    package var processorCount: Int

    /// Resources given by numbers.
    package init(availableMemoryBytes: Int, processorCount: Int) {
        self.availableMemoryBytes = availableMemoryBytes
        self.processorCount = processorCount
    }

    /// Address space that is left for the stacks of threads where there is a limit to it.
    private static let stackBytes = 64 << 20

    /// Reads /proc and the cgroup file system (version 2, else 1).
    /// - Parameter root: where to look for both; tests give another folder.
    package static func current(root: String = "/") -> SystemResources {
        SystemResources(
            availableMemoryBytes: min(
                machineMemory(root) ?? .max, cgroupMemory(root) ?? .max, addressSpace(root) ?? .max),
            processorCount: min(InstructionSet.processorCount, cgroupProcessors(root) ?? .max))
    }

    private static func machineMemory(_ root: String) -> Int? {
        words("\(root)/proc", "meminfo", "MemAvailable:")?.first.flatMap { Int($0) }.map { $0 * 1024 }
    }

    /// What a limit of the process's address space leaves, as `ulimit -v` sets it; nil where there is none.
    private static func addressSpace(_ root: String) -> Int? {
        let process = "\(root)/proc/self"
        guard let limit = words(process, "limits", "Max address space")?.first.flatMap({ Int($0) }),
            let usedKilobytes = words(process, "status", "VmSize:")?.first.flatMap({ Int($0) })
        else { return nil }
        return max(0, limit - usedKilobytes * 1024 - stackBytes)
    }

    /// The limit less what is used. Page cache counts as used but is given up on demand, so it is added back.
    private static func cgroupMemory(_ root: String) -> Int? {
        let rooms = cgroupFolders(root).compactMap { folder -> Int? in
            guard let limit = number(folder, "memory.max"), let used = number(folder, "memory.current") else {
                return nil
            }
            return max(0, limit - used + (statistic(folder, "inactive_file") ?? 0))
        }
        if let least = rooms.min() { return least }
        let old = "\(root)/sys/fs/cgroup/memory"
        guard let limit = number(old, "memory.limit_in_bytes"), limit < 1 << 60,
            let used = number(old, "memory.usage_in_bytes")
        else { return nil }
        return max(0, limit - used + (statistic(old, "total_inactive_file") ?? 0))
    }

    private static func cgroupProcessors(_ root: String) -> Int? {
        let quotas = cgroupFolders(root).compactMap { folder -> Int? in
            guard let parts = read(folder, "cpu.max")?.split(whereSeparator: \.isWhitespace), parts.count == 2 else {
                return nil
            }
            return processors(quota: Int(parts[0]), period: Int(parts[1]))
        }
        if let least = quotas.min() { return least }
        let old = "\(root)/sys/fs/cgroup/cpu"
        return processors(quota: number(old, "cpu.cfs_quota_us"), period: number(old, "cpu.cfs_period_us"))
    }

    /// A quota of microseconds in each period, rounded up to processors; nil where there is none.
    private static func processors(quota: Int?, period: Int?) -> Int? {
        guard let quota, let period, quota > 0, period > 0 else { return nil }
        return max(1, (quota + period - 1) / period)
    }

    /// The process's own cgroup under version 2 ("0::/path") and all above it, whose limits count as well: a service's slice, say. In a
    /// container the path may be that of the host; what is not there limits nothing here.
    private static func cgroupFolders(_ root: String) -> [String] {
        let line = read(root, "proc/self/cgroup")?.split(separator: "\n").first { $0.hasPrefix("0::") }
        let names = line?.dropFirst(3).split(separator: "/") ?? []
        return (0...names.count).map { count in
            (["\(root)/sys/fs/cgroup"] + names.prefix(count).map(String.init)).joined(separator: "/")
        }
    }

    private static func statistic(_ folder: String, _ name: String) -> Int? {
        words(folder, "memory.stat", "\(name) ")?.first.flatMap { Int($0) }
    }

    /// The words behind a label at the beginning of a line.
    private static func words(_ folder: String, _ name: String, _ label: String) -> [Substring]? {
        read(folder, name)?.split(separator: "\n").first { $0.hasPrefix(label) }?.dropFirst(label.count)
            .split(whereSeparator: \.isWhitespace)
    }

    private static func number(_ folder: String, _ name: String) -> Int? {
        read(folder, name).flatMap { Int($0.trimmingPrefix { $0.isWhitespace }.prefix { !$0.isWhitespace }) }
    }

    private static func read(_ folder: String, _ name: String) -> String? {
        try? String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
}

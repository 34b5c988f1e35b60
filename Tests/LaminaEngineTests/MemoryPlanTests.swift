import Foundation
import LaminaKernels
import LaminaModel
import Testing

@testable import LaminaEngine

struct MemoryPlanTests {
    private static func configuration() throws -> ModelConfiguration {
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models").standardized
        return try ModelConfiguration(GGUFHeader(path: models.appending(path: "lamina-tiny-q8_0.gguf").path))
    }

    // 4 layers x 2 heads x 16 tokens x 64 dimensions x 2 bytes, keys and values.
    private static let blockBytes = 4 * 2 * 16 * 64 * 2 * 2

    private func plan(
        _ wishes: MemoryPlan.Wishes = .init(), weights: Int = 4 << 20, available: Int = 1 << 30
    ) throws -> MemoryPlan {
        try MemoryPlan(
            configuration: Self.configuration(), weightBytes: weights, wishes: wishes, threadCount: 2,
            availableBytes: available)
    }

    @Test func `Holds a whole context for every sequence where there is room`() throws {
        let plan = try plan()
        #expect(plan.blockCount == 16 * 64 && plan.contextLength == 1024)
        #expect(plan.cacheBytes == plan.blockCount * Self.blockBytes)
        #expect(plan.totalBytes == plan.weightBytes + plan.cacheBytes + plan.scratchBytes)
    }

    @Test func `Takes no more than half of what is left, and shortens the context only then`() throws {
        let scratch = try plan().scratchBytes
        let plan = try plan(available: 4 << 20 + scratch + 200 * Self.blockBytes)
        // Sequences take blocks as they grow: as long as one can fill its context, it is the model's own.
        #expect(plan.blockCount == 100 && plan.contextLength == 1024)
        let small = try self.plan(available: 4 << 20 + scratch + 80 * Self.blockBytes)
        #expect(small.blockCount == 40 && small.contextLength == 640)
    }

    @Test func `Keys and values in int8 hold nearly twice the tokens in the same memory`() throws {
        let half = try plan(.init(cacheBytes: 34 * Self.blockBytes))
        let int8 = try plan(.init(cacheBytes: 34 * Self.blockBytes, cacheType: .q8_0))
        // A scale of two bytes for each 32 values of one byte.
        #expect(half.blockCount == 34 && int8.blockCount == 64)
        #expect(int8.cacheBytes == half.cacheBytes && int8.cacheType == .q8_0)
    }

    @Test func `Follows wishes for context and cache`() throws {
        let plan = try plan(.init(contextLength: 100, cacheBytes: 30 * Self.blockBytes, maximumSequences: 3))
        #expect(plan.contextLength == 100)
        #expect(plan.blockCount == 3 * 7)
        #expect(try self.plan(.init(cacheBytes: 30 * Self.blockBytes)).blockCount == 30)
    }

    @Test func `Refuses what does not fit, with the arithmetic`() throws {
        let error = try #require(throws: MemoryPlanError.self) { try plan(weights: 2 << 30) }
        #expect(error.description.contains("weights 2.0 GiB") && error.description.contains("1.0 GiB are available"))
        #expect(throws: MemoryPlanError.self) { try plan(.init(cacheBytes: 2 << 30, maximumSequences: 100_000)) }
    }

    @Test func `Refuses a cache that holds no conversation, saying how large it must be`() throws {
        for bytes in [1, Self.blockBytes, 15 * Self.blockBytes] {
            let error = try #require(throws: MemoryPlanError.self) { try plan(.init(cacheBytes: bytes)) }
            #expect(error.description.contains("Raise --kv-cache-memory"), "\(error)")
        }
        #expect(try plan(.init(cacheBytes: 16 * Self.blockBytes)).contextLength == 256)
        #expect(try plan(.init(cacheBytes: 17 * Self.blockBytes)).contextLength == 272)
    }

    @Test func `Refuses a context the cache cannot hold instead of shortening it in silence`() throws {
        #expect(throws: MemoryPlanError.self) {
            try plan(.init(contextLength: 512, cacheBytes: 10 * Self.blockBytes))
        }
    }

    @Test(arguments: [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (5 << 20, "5.0 MiB"), (3 << 30, "3.0 GiB")])
    func `Bytes read well`(count: Int, text: String) {
        #expect(ByteCount(count).description == text)
    }
}

struct SystemResourcesTests {
    /// A folder that stands in for the root of the file system.
    private func withRoot(_ files: [String: String], _ body: (String) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "lamina-\(UUID())")
        defer { try? FileManager.default.removeItem(at: root) }
        for (name, text) in files {
            let file = root.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        try body(root.path)
    }

    private let machine = ["proc/meminfo": "MemTotal: 8000 kB\nMemAvailable:    4000 kB\n"]

    @Test func `Without a control group the machine's memory counts`() throws {
        try withRoot(machine) { #expect(SystemResources.current(root: $0).availableMemoryBytes == 4000 * 1024) }
    }

    @Test func `A version 2 limit counts where it is lower, page cache given back`() throws {
        var files = machine
        files["proc/self/cgroup"] = "0::/pod/container\n"
        files["sys/fs/cgroup/pod/container/memory.max"] = "1000000\n"
        files["sys/fs/cgroup/pod/container/memory.current"] = "400000\n"
        files["sys/fs/cgroup/pod/container/memory.stat"] = "anon 1\ninactive_file 100000\n"
        files["sys/fs/cgroup/pod/container/cpu.max"] = "150000 100000\n"
        try withRoot(files) { root in
            let resources = SystemResources.current(root: root)
            #expect(resources.availableMemoryBytes == 700_000)
            #expect(resources.processorCount <= 2)
        }
    }

    @Test func `The limits of the groups above count too`() throws {
        var files = machine
        files["proc/self/cgroup"] = "0::/lamina.slice/lamina.service\n"
        files["sys/fs/cgroup/lamina.slice/memory.max"] = "1000000\n"
        files["sys/fs/cgroup/lamina.slice/memory.current"] = "900000\n"
        files["sys/fs/cgroup/lamina.slice/cpu.max"] = "100000 100000\n"
        files["sys/fs/cgroup/lamina.slice/lamina.service/memory.max"] = "max\n"
        files["sys/fs/cgroup/lamina.slice/lamina.service/memory.current"] = "400000\n"
        files["sys/fs/cgroup/lamina.slice/lamina.service/cpu.max"] = "max 100000\n"
        try withRoot(files) { root in
            let resources = SystemResources.current(root: root)
            #expect(resources.availableMemoryBytes == 100_000 && resources.processorCount == 1)
        }
    }

    @Test func `A limit of the address space counts, room for stacks taken off`() throws {
        var files = machine
        files["proc/meminfo"] = "MemAvailable:    4000000 kB\n"
        files["proc/self/status"] = "Name:\tlamina\nVmSize:\t   30000 kB\n"
        for (limit, expected) in [(200_000 * 1024, 170_000 * 1024 - (64 << 20)), (60_000 * 1024, 0)] {
            files["proc/self/limits"] = "Max processes  1  1\nMax address space  \(limit)  unlimited  bytes\n"
            try withRoot(files) { #expect(SystemResources.current(root: $0).availableMemoryBytes == expected) }
        }
        files["proc/self/limits"] = "Max address space         unlimited            unlimited            bytes\n"
        try withRoot(files) { #expect(SystemResources.current(root: $0).availableMemoryBytes == 4_000_000 * 1024) }
    }

    @Test func `No limit is no limit`() throws {
        var files = machine
        files["sys/fs/cgroup/memory.max"] = "max\n"
        files["sys/fs/cgroup/memory.current"] = "400000\n"
        files["sys/fs/cgroup/cpu.max"] = "max 100000\n"
        try withRoot(files) { #expect(SystemResources.current(root: $0).availableMemoryBytes == 4000 * 1024) }
    }

    @Test func `A version 1 limit counts`() throws {
        var files = machine
        files["sys/fs/cgroup/memory/memory.limit_in_bytes"] = "1000000\n"
        files["sys/fs/cgroup/memory/memory.usage_in_bytes"] = "1\n"
        files["sys/fs/cgroup/cpu/cpu.cfs_quota_us"] = "100000\n"
        files["sys/fs/cgroup/cpu/cpu.cfs_period_us"] = "100000\n"
        try withRoot(files) { root in
            let resources = SystemResources.current(root: root)
            #expect(resources.availableMemoryBytes == 999_999 && resources.processorCount == 1)
        }
    }
}

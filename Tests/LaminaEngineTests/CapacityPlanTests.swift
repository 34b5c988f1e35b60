import Foundation
import LaminaModel
import Testing

@testable import LaminaEngine

struct CapacityPlanTests {
    private static func header() throws -> GGUFHeader {
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models").standardized
        return try GGUFHeader(path: models.appending(path: "lamina-tiny-q8_0.gguf").path)
    }

    private func plan(
        context: Int = 512, sequences: Int = 4, replicas: Int = 1, operations: Double? = nil
    ) throws -> CapacityPlan {
        try CapacityPlan(
            Self.header(), wishes: .init(contextLength: context, maximumSequences: sequences), replicas: replicas,
            node: .init(threadCount: 2, readBandwidth: 10e9, operationsPerThread: operations))
    }

    @Test func `Has a whole context for every sequence, and the memory that serving then takes`() throws {
        let plan = try plan()
        #expect(plan.memory.blockCount == 4 * 512 / 16)
        let served = try MemoryPlan(
            configuration: ModelConfiguration(Self.header()), weightBytes: Self.header().weightBytes,
            wishes: .init(contextLength: 512, cacheBytes: plan.memory.cacheBytes, maximumSequences: 4),
            threadCount: 2, availableBytes: plan.replicaBytes)
        #expect(served == plan.memory)
        #expect(plan.replicaBytes == served.totalBytes + CapacityPlan.processBytes)
    }

    @Test func `Replicas multiply memory, processors and throughput, but no request becomes faster`() throws {
        let (one, three) = (try plan(), try plan(replicas: 3))
        #expect(three.totalBytes == 3 * one.totalBytes && three.cores == 6)
        #expect(three.totalRate == 3 * one.totalRate && three.streamRate == one.streamRate)
    }

    @Test func `A request alone reads the weights and half a context for every token`() throws {
        let plan = try plan()
        // 4 layers x 2 heads x 64 dimensions x 2 bytes, keys and values, of 256 tokens.
        let bytes = Double(plan.memory.weightBytes + 256 * 4 * 2 * 64 * 2 * 2)
        #expect(abs(plan.streamRate - 10e9 / bytes) < 1e-6)
        let together = Double(plan.memory.weightBytes + 4 * 256 * 4 * 2 * 64 * 2 * 2)
        #expect(abs(plan.totalRate - 4 * 10e9 / together) < 1e-6)
    }

    @Test func `Longer contexts take more memory and give fewer tokens per second`() throws {
        let (short, long) = (try plan(context: 256), try plan(context: 1024))
        #expect(long.replicaBytes > short.replicaBytes && long.streamRate < short.streamRate)
    }

    @Test func `Slow arithmetic bounds prompts and full batches`() throws {
        #expect(try plan().promptRate == nil)
        let weights = Double(try Self.header().weightCount)
        let plan = try plan(operations: 100 * weights)
        #expect(plan.promptRate == 100 && plan.totalRate == 100 && plan.streamRate == 100)
    }
}

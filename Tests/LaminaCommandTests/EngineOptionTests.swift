import ArgumentParser
import LaminaEngine
import LaminaKernels
import LaminaServer
import Testing

@testable import lamina_llm_serve

/// How a model is loaded and scheduled, on the command line.
struct EngineOptionTests {
    private func scheduling(
        _ arguments: [String], _ environment: [String: String] = [:]
    ) throws -> ServedModel.Options {
        try SchedulingOptions.parse(arguments).serverConfiguration(OptionReader(environment: environment)).model
    }

    private func loading(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServedModel.Options {
        var options = ServedModel.Options()
        try LoadingOptions.parse(arguments).apply(to: &options, OptionReader(environment: environment))
        return options
    }

    @Test func `Leaves scheduling to the engine unless told otherwise`() throws {
        let options = try scheduling([])
        #expect(options.memory.maximumSequences == EngineLimits.Default.sequences)
        #expect(options.maximumWaiting == EngineLimits.Default.waiting && options.maximumWaitingPerTenant == nil)
        #expect(options.stepTarget == EngineLimits.Default.stepTarget)
    }

    @Test func `Sets scheduling by option, or else by environment`() throws {
        let options = try scheduling(
            ["--max-sequences", "512", "--max-queue", "0"],
            ["LAMINA_MAX_QUEUE": "9", "LAMINA_MAX_QUEUE_PER_TENANT": "3", "LAMINA_STEP_TARGET": "100"])
        #expect(options.memory.maximumSequences == 512)
        #expect(options.memory.maximumStepTokens > 512, "a step has room for each")
        #expect(options.maximumWaiting == 0 && options.maximumWaitingPerTenant == 3)
        #expect(options.stepTarget == .milliseconds(100))
    }

    @Test func `Sets loading by option, or else by environment`() throws {
        let options = try loading(
            ["--threads", "3", "--kv-cache-memory", "1M"],
            ["LAMINA_THREADS": "7", "LAMINA_MAX_CONTEXT": "64", "LAMINA_KV_TYPE": "q8_0"])
        #expect(options.threadCount == 3)
        #expect(options.memory.cacheBytes == 1 << 20 && options.memory.contextLength == 64)
        #expect(options.memory.cacheType == .q8_0)
        #expect(try loading([]).memory == MemoryPlan.Wishes())
    }

    @Test(arguments: [
        ["--max-sequences", "0"], ["--max-sequences", "1025"], ["--max-queue=-1"], ["--max-queue-per-tenant", "0"],
        ["--step-target", "0"],
    ])
    func `Refuses scheduling that cannot work`(arguments: [String]) {
        #expect(throws: (any Error).self) { try SchedulingOptions.parse(arguments) }
    }

    @Test(arguments: [
        ["--threads", "0"], ["--threads", "121"], ["--max-context", "15"], ["--kv-cache-memory", "0"],
        ["--kv-type", "f32"],
    ])
    func `Refuses loading that cannot work`(arguments: [String]) {
        #expect(throws: (any Error).self) { try LoadingOptions.parse(arguments) }
    }

    @Test func `Names the variable that is wrong`() {
        let error = #expect(throws: (any Error).self) { try loading([], ["LAMINA_KV_TYPE": "f32"]) }
        #expect(error.map { "\($0)" }?.contains("LAMINA_KV_TYPE must be one of f16, q8_0, not 'f32'") == true)
    }
}

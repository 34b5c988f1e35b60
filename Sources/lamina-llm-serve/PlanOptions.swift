import ArgumentParser
import LaminaEngine
import LaminaKernels
import LaminaModel

/// What capacity is planned for.
struct PlanOptions: ParsableArguments {
    @Flag(
        help:
            "Print the memory, processors and tokens per second that serving the model takes, one row per context and number of replicas."
    )
    var plan = false

    @Option(
        help: ArgumentHelp(
            "Tokens of prompt and answer together, such as 8192,32768. Default: the model's context.",
            valueName: "tokens"))
    var context: TokenList?

    @Option(help: ArgumentHelp("Servers, such as 1,2,4. Default: 1.", valueName: "counts"))
    var replicas: TokenList?

    @Option(
        help: ArgumentHelp(
            "Requests that each server computes at once, with room for a whole context each. Default: \(EngineLimits.Default.sequences).",
            valueName: "count"))
    var sequences: Int?

    @Option(help: ArgumentHelp("How keys and values are kept: f16 or q8_0. Default: f16.", valueName: "type"))
    var kvType: KVCacheType?

    @Option(
        help: ArgumentHelp(
            "Threads of each server. Default: the processors this process may use.", valueName: "count"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "10⁹ bytes per second that each server's threads together read from memory. Default: measured on this machine.",
            valueName: "GB/s"))
    var bandwidth: Double?

    @Option(
        help: ArgumentHelp(
            "10⁹ operations per second that each thread reaches in prompts: 2 x parameters x prompt tokens per second of 'bench', per thread. Without it the rate of prompts is not estimated.",
            valueName: "Gop/s"))
    var operations: Double?

    /// Far above any installation, so that sums cannot overflow.
    private enum Limits {
        static let replicas = 1...10_000
        static let sequences = 1...4096
        static let figure = 1e-3...1e9
    }

    func validate() throws {
        guard plan || !isGiven else {
            throw ValidationError("--context, --replicas and the other options of planning need --plan.")
        }
        for (name, values, range) in [
            ("--context", context?.counts ?? [], 16...(1 << 24)),
            ("--replicas", replicas?.counts ?? [], Limits.replicas),
            ("--sequences", sequences.map { [$0] } ?? [], Limits.sequences),
            ("--threads", threads.map { [$0] } ?? [], 1...WorkerPool.maximumThreadCount),
        ] {
            if let wrong = values.first(where: { !range.contains($0) }) {
                throw ValidationError("\(name) must be \(range.lowerBound) to \(range.upperBound), not \(wrong).")
            }
        }
        for (name, value) in [("--bandwidth", bandwidth), ("--operations", operations)] {
            if let value, !Limits.figure.contains(value) {
                throw ValidationError("\(name) must be 0.001 to 10⁹, not \(value).")
            }
        }
    }

    private var isGiven: Bool {
        context != nil || replicas != nil || sequences != nil || kvType != nil || threads != nil || bandwidth != nil
            || operations != nil
    }

    /// The node that is planned with; what is not given is this machine's, and measured.
    func node() throws -> CapacityPlan.Node {
        let resources = SystemResources.current()
        let threadCount = threads ?? min(resources.processorCount, WorkerPool.maximumThreadCount)
        let measured =
            try bandwidth.map { $0 * 1e9 }
            ?? SpeedTest.readBandwidth(threadCount: threadCount, resources: resources)
        return .init(
            threadCount: threadCount, readBandwidth: measured, operationsPerThread: operations.map { $0 * 1e9 })
    }

    /// Every context with every number of replicas.
    /// - Throws: `ValidationError` for a context beyond the model's; what `CapacityPlan` throws.
    func plans(_ header: GGUFHeader, node: CapacityPlan.Node) throws -> [CapacityPlan] {
        let longest = try ModelConfiguration(header).contextLength
        return try (context ?? TokenList([longest])).counts.flatMap { context in
            guard context <= longest else {
                throw ValidationError(
                    "--context \(context) is beyond the \(longest) tokens that the model was made for.")
            }
            return try (replicas ?? TokenList([1])).counts.map { replicas in
                try CapacityPlan(
                    header,
                    wishes: .init(
                        contextLength: context, cacheType: kvType ?? .f16,
                        maximumSequences: sequences ?? EngineLimits.Default.sequences),
                    replicas: replicas, node: node)
            }
        }
    }
}

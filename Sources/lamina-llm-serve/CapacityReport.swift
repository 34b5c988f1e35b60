import LaminaEngine
import LaminaJSON
import LaminaKernels
import LaminaModel

/// What `show --plan` prints.
struct CapacityReport {
    private let name: String
    private let weightBytes: Int
    private let node: CapacityPlan.Node
    private let isBandwidthGiven: Bool
    private let plans: [CapacityPlan]

    /// Plans for a model; measures this machine where its figures are not given.
    init(_ header: GGUFHeader, options: PlanOptions) throws {
        name = try ModelConfiguration(header).name
        weightBytes = header.weightBytes
        isBandwidthGiven = options.bandwidth != nil
        // What is wrong with the model or the options is said before a second goes into measuring.
        _ = try options.plans(header, node: .init(threadCount: 1, readBandwidth: 1))
        node = try options.node()
        plans = try options.plans(header, node: node)
    }

    /// As a person reads it.
    var text: String {
        let source = isBandwidthGiven ? "given" : "measured here"
        var text =
            "\(name): \(ByteCount(weightBytes)) of weights, \(node.threadCount) threads per replica, memory read at "
        text += "\((node.readBandwidth / 1e9).rounded(to: 1)) GB/s (\(source))\n\n"
        let columns = ["replicas", "sequences", "KV cache", "each", "memory", "cores", "stream", "total", "prompt"]
        text += TextTable.row("context", columns, nameWidth: 9, width: 11)
        for plan in plans {
            text += TextTable.row("\(plan.memory.contextLength)", cells(plan), nameWidth: 9, width: 11)
        }
        return text + """

            KV cache and memory each: of one replica, for its memory limit. memory, cores: of all replicas.
            stream, total, prompt: tokens per second at most, of one request alone, of all sequences of all replicas, and of prompts on
            one replica, with contexts half full and replicas that share no memory bandwidth.

            """
    }

    private func cells(_ plan: CapacityPlan) -> [String] {
        [
            "\(plan.replicas)", "\(plan.sequences)", "\(ByteCount(plan.memory.cacheBytes))",
            "\(ByteCount(plan.replicaBytes))", "\(ByteCount(plan.totalBytes))", "\(plan.cores)",
            "\(plan.streamRate.rounded(to: 1))", "\(plan.totalRate.rounded(to: 1))",
            plan.promptRate.map { "\($0.rounded(to: 1))" } ?? "-",
        ]
    }

    /// For programs. Bytes, tokens per second; bandwidth in 10⁹ bytes per second.
    var json: String {
        let value: JSONValue = [
            "model": .string(name), "weight_bytes": .integer(Int64(weightBytes)),
            "threads": .integer(Int64(node.threadCount)),
            "read_bandwidth_gb_per_second": .number((node.readBandwidth / 1e9).rounded(to: 3)),
            "plans": .array(plans.map(json)),
        ]
        return JSONWriter.text(of: value, style: .indented(by: 2)) + "\n"
    }

    private func json(_ plan: CapacityPlan) -> JSONValue {
        [
            "context": .integer(Int64(plan.memory.contextLength)), "replicas": .integer(Int64(plan.replicas)),
            "sequences": .integer(Int64(plan.sequences)), "kv_type": .string(plan.memory.cacheType.rawValue),
            "kv_cache_bytes": .integer(Int64(plan.memory.cacheBytes)),
            "activation_bytes": .integer(Int64(plan.memory.scratchBytes)),
            "replica_bytes": .integer(Int64(plan.replicaBytes)), "total_bytes": .integer(Int64(plan.totalBytes)),
            "cores": .integer(Int64(plan.cores)),
            "stream_tokens_per_second": .number(plan.streamRate.rounded(to: 3)),
            "total_tokens_per_second": .number(plan.totalRate.rounded(to: 3)),
            "prompt_tokens_per_second": plan.promptRate.map { .number($0.rounded(to: 3)) } ?? .null,
        ]
    }
}

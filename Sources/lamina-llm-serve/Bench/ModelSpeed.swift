import LaminaEngine
import LaminaJSON
import LaminaKernels
import LaminaModel
import LaminaServer

/// What `bench model` found out about a model.
struct ModelSpeed {
    /// One test.
    struct Row {
        /// What was computed: a prompt, or tokens one by one.
        enum Kind: String {
            case prefill = "pp"
            case decode = "tg"
        }

        let kind: Kind
        let tokens: Int
        let depth: Int
        /// Bytes of weights, keys and values read for each token; only where tokens come one by one.
        var bytesPerToken: Double?
        /// Tokens per second of each round, rising; not empty when measured.
        var rates: [Double] = []

        /// As llama-bench names it.
        var name: String { "\(kind.rawValue)\(tokens)" + (depth > 0 ? " @ d\(depth)" : "") }
        var median: Double { rates.isEmpty ? 0 : (rates[(rates.count - 1) / 2] + rates[rates.count / 2]) / 2 }
        /// Bytes per second.
        var readRate: Double? { bytesPerToken.map { $0 * median } }
    }

    let modelName: String
    let title: String
    let parameterCount: Int
    let weightBytes: Int
    let threadCount: Int
    let cacheType: KVCacheType
    /// Bytes per second.
    let readBandwidth: Double
    var rows: [Row] = []

    init(file: ModelFile, test: SpeedTest) {
        modelName = ModelLocator.name(ofFile: file.file.path)
        title = file.configuration.name
        parameterCount = test.parameterCount
        weightBytes = test.plan.weightBytes
        threadCount = test.threadCount
        cacheType = test.plan.cacheType
        readBandwidth = test.readBandwidth
    }

    private func share(_ row: Row) -> Double? { row.readRate.map { $0 / readBandwidth } }

    /// As a person reads it.
    var table: String {
        var text = "\(modelName): \(title), \(ByteCount(weightBytes)) of weights, "
        text += "\(cacheType.rawValue) keys and values, \(threadCount) threads, \(InstructionSet.name)\n"
        text += "memory read at \((readBandwidth / 1e9).rounded(to: 1)) GB/s\n"
        text += TextTable.row("test", ["tokens/s", "lowest", "highest", "GB/s", "of memory"])
        for row in rows {
            var figures = [row.median, row.rates.first ?? 0, row.rates.last ?? 0].map { "\($0.rounded(to: 1))" }
            if let rate = row.readRate, let share = share(row) {
                figures += ["\((rate / 1e9).rounded(to: 1))", "\((share * 100).rounded(to: 1)) %"]
            }
            text += TextTable.row(row.name, figures)
        }
        return text
    }

    /// Everything about all models; rates in tokens per second, bandwidths in 10⁹ bytes per second.
    static func jsonText(_ results: [ModelSpeed]) -> String {
        let value: JSONValue = [
            "version": .string(BuildInfo.version), "instruction_set": .string(InstructionSet.name),
            "threads": .integer(Int64(results.first?.threadCount ?? 0)),
            "models": .array(results.map(\.json)), "results": .array(results.flatMap(\.rowsJSON)),
        ]
        return JSONWriter.text(of: value, style: .indented(by: 2)) + "\n"
    }

    private var json: JSONValue {
        [
            "model": .string(modelName), "parameters": .integer(Int64(parameterCount)),
            "weight_bytes": .integer(Int64(weightBytes)), "kv_type": .string(cacheType.rawValue),
            "read_bandwidth_gb_per_second": .number((readBandwidth / 1e9).rounded(to: 3)),
        ]
    }

    private var rowsJSON: [JSONValue] {
        rows.map { row in
            var object: JSONObject = [
                "model": .string(modelName), "test": .string(row.name), "tokens": .integer(Int64(row.tokens)),
                "depth": .integer(Int64(row.depth)), "tokens_per_second": .number(row.median.rounded(to: 3)),
                "rounds": .array(row.rates.map { .number($0.rounded(to: 3)) }),
            ]
            if let bytes = row.bytesPerToken, let rate = row.readRate, let share = share(row) {
                object["bytes_per_token"] = .integer(Int64(bytes))
                object["read_gb_per_second"] = .number((rate / 1e9).rounded(to: 3))
                object["bandwidth_share"] = .number(share.rounded(to: 4))
            }
            return .object(object)
        }
    }
}

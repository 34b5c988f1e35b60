import LaminaEngine
import LaminaKernels
import LaminaModel
import LaminaServer

/// What `serve` prints when it is ready.
struct StartupSummary {
    let model: ServedModel
    let modelName: String?
    let address: String
    let needsKey: Bool

    var text: String {
        let name = modelName ?? ModelLocator.name(ofFile: model.file.file.path)
        let plan = model.plan
        let memory =
            "\(ByteCount(plan.totalBytes)) (weights \(ByteCount(plan.weightBytes)), KV cache \(ByteCount(plan.cacheBytes)) \(plan.cacheType.rawValue), "
            + "activations \(ByteCount(plan.scratchBytes)))"
        return """

            lamina-llm-serve \(BuildInfo.version)
              model    \(name): \(model.file.configuration.name), \(parameters) parameters
                       \(model.file.file.path)
              context  \(plan.contextLength) tokens, \(model.engine.limits.maximumSequences) sequences at once
              memory   \(memory)
              threads  \(model.threadCount) (\(InstructionSet.name))

            Listening on http://\(address)

            Try it:
              curl http://\(reachable)/v1/chat/completions -H 'Content-Type: application/json' \\\(keyField)
                -d '{"messages": [{"role": "user", "content": "What is the capital of France?"}]}'


            """
    }

    /// A line of the example; the key itself is not shown.
    private var keyField: String { needsKey ? "\n    -H \"Authorization: Bearer $LAMINA_API_KEY\" \\" : "" }

    /// The address as a client on this machine reaches it.
    private var reachable: String {
        for (wildcard, loopback) in [("0.0.0.0:", "127.0.0.1:"), ("[::]:", "[::1]:")] where address.hasPrefix(wildcard)
        {
            return loopback + address.dropFirst(wildcard.count)
        }
        return address
    }

    private var parameters: String {
        let count = Double(model.parameterCount)
        let (value, unit) = count >= 1e9 ? (count / 1e9, "B") : (count / 1e6, "M")
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}

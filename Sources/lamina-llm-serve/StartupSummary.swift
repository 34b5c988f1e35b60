import LaminaEngine
import LaminaHTTP
import LaminaKernels
import LaminaModel
import LaminaServer

/// What `serve` prints when it is ready.
struct StartupSummary {
    let model: ServedModel
    let modelName: String?
    /// Where the server listens; at least one.
    let addresses: [SocketAddress]
    /// Whether TCP ports speak TLS.
    let isSecure: Bool
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

            Listening on \(addresses.map(url).joined(separator: " and "))

            Try it:
              curl \(target)/v1/chat/completions -H 'Content-Type: application/json' \\\(keyField)
                -d '{"messages": [{"role": "user", "content": "What is the capital of France?"}]}'


            """
    }

    /// A line of the example; the key itself is not shown.
    private var keyField: String { needsKey ? "\n    -H \"Authorization: Bearer $LAMINA_API_KEY\" \\" : "" }

    private func url(_ address: SocketAddress) -> String {
        switch address {
        case .internet: "\(scheme)://\(address.description)"
        case .unix(let path): "unix:\(path)"
        }
    }

    private var scheme: String { isSecure ? "https" : "http" }

    /// The first address as curl on this machine reaches it.
    private var target: String {
        switch addresses.first {
        case .internet("0.0.0.0", let port): "\(scheme)://127.0.0.1:\(port)"
        case .internet("::", let port): "\(scheme)://[::1]:\(port)"
        case .unix(let path): "--unix-socket \(path) http://localhost"
        case let address?: url(address)
        case nil: "http://localhost"
        }
    }

    private var parameters: String {
        let count = Double(model.parameterCount)
        let (value, unit) = count >= 1e9 ? (count / 1e9, "B") : (count / 1e6, "M")
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10) \(unit)"
    }
}

import ArgumentParser
import LaminaHTTP
import LaminaServer

/// How the server works with an inference gateway in front. Variables have commas where several values may be given.
struct GatewayOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Inference gateway whose fairness ids and objectives count: its identity, its address or range, or unix; may be "
                + "repeated (LAMINA_TRUSTED_GATEWAYS). Default: none.", valueName: "gateway"))
    var trustedGateway: [String] = []

    @Option(
        help: ArgumentHelp(
            "Priority (-32 to 31, lower first) of requests that a trusted gateway gives that objective; may be repeated "
                + "(LAMINA_OBJECTIVES).", valueName: "name=priority"))
    var objective: [String] = []

    @Option(
        help: ArgumentHelp(
            "A further name that requests may use for the model; may be repeated (LAMINA_MODEL_ALIASES).",
            valueName: "name"))
    var modelAlias: [String] = []

    @Flag(
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Whether /metrics has what endpoint pickers read, under vLLM's names (LAMINA_GATEWAY_METRICS). Default: yes."
        ))
    var gatewayMetrics: Bool?

    private static let priorities = -32...31

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        configuration.trustedGateways = try gateways(read)
        configuration.trustedGateways.objectives = try objectives(read)
        let aliases = read.list(modelAlias, "model-alias", variable: "LAMINA_MODEL_ALIASES")
        if let empty = aliases.first(where: \.text.isEmpty) {
            throw ValidationError("\(empty.source) names an empty name.")
        }
        configuration.modelAliases = aliases.map(\.text).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
        configuration.exportsGatewayMetrics = try gatewayMetrics ?? read.switched("gateway-metrics") ?? true
    }

    private func gateways(_ read: OptionReader) throws -> TrustedGateways {
        var gateways = TrustedGateways()
        let named = read.list(trustedGateway, "trusted-gateway", variable: "LAMINA_TRUSTED_GATEWAYS")
        let addresses = named.map(\.text).filter { (try? AddressSet(parsing: [$0])) != nil }
        gateways.addresses = try AddressSet(parsing: addresses)
        gateways.identities = try named.filter { !addresses.contains($0.text) }.map { given in
            guard let pattern = IdentityPattern(given.text) else {
                throw ValidationError("\(given.source) '\(given.text)' is neither an address nor an identity.")
            }
            return pattern
        }
        return gateways
    }

    private func objectives(_ read: OptionReader) throws -> [String: Int] {
        let named = read.list(objective, "objective", variable: "LAMINA_OBJECTIVES")
        var priorities: [String: Int] = [:]
        for given in named {
            let parts = given.text.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let priority = Int(parts[1]), Self.priorities.contains(priority) else {
                throw ValidationError(
                    "\(given.source) '\(given.text)' must be NAME=PRIORITY, with a priority of -32 to 31, lower first.")
            }
            priorities[String(parts[0])] = priority
        }
        return priorities
    }
}

import ArgumentParser
import LaminaHTTP
import LaminaServer
import Testing

@testable import lamina_llm_serve

struct CallerOptionTests {
    private func identity(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServerConfiguration {
        try IdentityOptions.parse(arguments).serverConfiguration(OptionReader(environment: environment))
    }

    private func gateway(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ServerConfiguration {
        try GatewayOptions.parse(arguments).serverConfiguration(OptionReader(environment: environment))
    }

    @Test func `Nobody is trusted by default but the sidecars`() throws {
        let proxies = try identity([]).trustedProxies
        #expect(proxies.addresses.isEmpty && proxies.ownID == nil)
        #expect(proxies.sidecars[.istio]?.contains(peer: "127.0.0.6:1") == true)
        #expect(proxies.sidecars[.istio]?.contains(peer: "127.0.0.1:1") == false)
        #expect(proxies.sidecars[.linkerd]?.contains(peer: "127.0.0.1:1") == false)
        #expect(proxies.sidecars[.ambient] == nil)
    }

    @Test func `Reads who is trusted and allowed by option, or else by environment`() throws {
        let options = try identity(
            ["--trusted-proxy", "10.0.0.0/8", "--trusted-proxy", "unix", "--spiffe-id", "spiffe://td/a"],
            ["LAMINA_TRUSTED_PROXIES": "192.0.2.1", "LAMINA_SPIFFE_ID": "spiffe://td/b"])
        #expect(options.trustedProxies.addresses.contains(peer: "10.1.2.3:1"))
        #expect(options.trustedProxies.addresses.contains(peer: "unix:pid=1,uid=0"))
        #expect(!options.trustedProxies.addresses.contains(peer: "192.0.2.1:1"))
        #expect(options.trustedProxies.ownID?.description == "spiffe://td/a")
        let variables = try identity(
            [],
            [
                "LAMINA_TRUSTED_PROXIES": "192.0.2.1, fd00::/8", "LAMINA_SPIFFE_ID": "spiffe://td/b",
                "LAMINA_ALLOW_IDENTITY": "spiffe://td/ns/a/*, *.prod.example", "LAMINA_IDENTITY_POLICY": "/p",
            ])
        #expect(variables.trustedProxies.addresses.contains(peer: "[fd00::1]:1"))
        #expect(variables.trustedProxies.ownID?.description == "spiffe://td/b")
        #expect(variables.allowedIdentities.map(\.description) == ["spiffe://td/ns/a/*", "*.prod.example"])
        #expect(variables.identityPolicy == "/p")
    }

    @Test func `Reads gateways by address or identity, objectives, aliases and the metrics' switch`() throws {
        let options = try gateway(
            [
                "--trusted-gateway", "10.1.0.0/16", "--trusted-gateway", "spiffe://td/ns/gateway/*", "--objective",
                "chat=-5",
                "--model-alias", "a", "--model-alias", "b", "--model-alias", "a", "--no-gateway-metrics",
            ])
        #expect(options.trustedGateways.addresses.contains(peer: "10.1.9.9:1"))
        #expect(options.trustedGateways.identities.map(\.description) == ["spiffe://td/ns/gateway/*"])
        #expect(options.trustedGateways.objectives == ["chat": -5])
        #expect(options.modelAliases == ["a", "b"] && !options.exportsGatewayMetrics)
        let variables = try gateway(
            [],
            [
                "LAMINA_TRUSTED_GATEWAYS": "unix", "LAMINA_OBJECTIVES": "chat=-5,batch=20", "LAMINA_MODEL_ALIASES": "c",
                "LAMINA_GATEWAY_METRICS": "false",
            ])
        #expect(variables.trustedGateways.addresses.contains(peer: "unix:pid=1,uid=0"))
        #expect(variables.trustedGateways.objectives == ["chat": -5, "batch": 20])
        #expect(variables.modelAliases == ["c"] && !variables.exportsGatewayMetrics)
        #expect(try gateway([]).exportsGatewayMetrics)
    }

    @Test func `Limits are off, or numbers by option or environment`() throws {
        let nothing = try CallerLimitOptions.parse([]).serverConfiguration(OptionReader(environment: [:]))
        #expect(nothing.callerLimits == CallerLimits())
        let variables = ["LAMINA_CALLER_TOKENS_PER_MINUTE": "5", "LAMINA_CALLER_CONCURRENCY": "4"]
        let limits = try CallerLimitOptions.parse(
            ["--caller-requests-per-minute", "60", "--caller-tokens-per-minute", "0"]
        ).serverConfiguration(OptionReader(environment: variables)).callerLimits
        #expect(limits.requestsPerMinute == 60)
        #expect(limits.tokensPerMinute == nil)
        #expect(limits.concurrentRequests == 4)
    }

    @Test(arguments: [
        ["--trusted-proxy", "localhost"], ["--spiffe-id", "spiffe://td"], ["--allow-identity", "a b"],
        ["--identity-policy", ""],
    ])
    func `Refuses callers that are none`(arguments: [String]) {
        #expect(throws: (any Error).self) { try IdentityOptions.parse(arguments) }
    }

    @Test(arguments: [
        ["--trusted-gateway", "a b"], ["--objective", "chat"], ["--objective", "chat=32"], ["--objective", "=1"],
        ["--model-alias", ""],
    ])
    func `Refuses gateways and objectives that are none`(arguments: [String]) {
        #expect(throws: (any Error).self) { try GatewayOptions.parse(arguments) }
    }

    @Test func `Rules about callers need somebody who tells who they are`() throws {
        let options = try IdentityOptions.parse(["--allow-identity", "spiffe://td/a"])
        var configuration = try identity(["--allow-identity", "spiffe://td/a"])
        #expect(throws: (any Error).self) { try options.check(configuration, mesh: .off) }
        try options.check(configuration, mesh: .auto)
        try options.check(identity([]), mesh: .off)
        configuration.trustedProxies.addresses = try AddressSet(parsing: ["unix"])
        try options.check(configuration, mesh: .off)
    }
}

import ArgumentParser
import LaminaHTTP
import LaminaServer

/// Who callers are and what they may use. Variables have commas where several values may be given.
struct IdentityOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Clients that may use the server, by SPIFFE ID (spiffe://DOMAIN/ns/NAMESPACE/* for a namespace), DNS name (or *.NAME) "
                + "or subject; others get 403; may be repeated (environment: LAMINA_ALLOW_IDENTITY). Default: all.",
            valueName: "pattern"))
    var allowIdentity: [String] = []

    @Option(
        help: ArgumentHelp(
            "File of rules, one per line: a route or inference, models, metrics or *, then patterns of identities or any; read "
                + "again when it changes and on SIGHUP (LAMINA_IDENTITY_POLICY). Default: none.", valueName: "path"))
    var identityPolicy: String?

    @Option(
        help: ArgumentHelp(
            "Address or range of proxies that say who their clients are (X-Forwarded-Client-Cert, in Linkerd l5d-client-id), or "
                + "unix; may be repeated (LAMINA_TRUSTED_PROXIES). A mesh's sidecar is trusted without it.",
            valueName: "address"))
    var trustedProxy: [String] = []

    @Option(
        name: .customLong("spiffe-id"),
        help: ArgumentHelp(
            "Our own SPIFFE ID: X-Forwarded-Client-Cert then has to be addressed to it (LAMINA_SPIFFE_ID).",
            valueName: "id"))
    var spiffeID: String?

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        let allowed = read.list(allowIdentity, "allow-identity")
        configuration.allowedIdentities = try allowed.map { given in
            guard let pattern = IdentityPattern(given.text) else {
                throw ValidationError(
                    "\(given.source) '\(given.text)' is no SPIFFE ID (spiffe://DOMAIN/PATH, or /* as its end), DNS name (or *.NAME) "
                        + "or subject (CN=...).")
            }
            return pattern
        }
        configuration.identityPolicy = read.given(identityPolicy, "identity-policy")?.text
        if configuration.identityPolicy == "" { throw ValidationError("--identity-policy is empty; leave it out.") }
        configuration.trustedProxies = try proxies(read)
    }

    /// Refuses rules about callers where nothing can ever tell who they are.
    func check(_ configuration: ServerConfiguration, mesh: MeshMode) throws {
        let hasRules = !configuration.allowedIdentities.isEmpty || configuration.identityPolicy != nil
        let verifiesClients = configuration.tls.map { $0.clientAuthentication != .none } ?? false
        guard hasRules, !verifiesClients, configuration.trustedProxies.addresses.isEmpty, mesh == .off else { return }
        throw ValidationError(
            "--allow-identity and --identity-policy need --tls-client-ca, --trusted-proxy or a mesh: nothing else tells who a "
                + "caller is.")
    }

    private func proxies(_ read: OptionReader) throws -> TrustedProxies {
        var proxies = TrustedProxies()
        let named = read.list(trustedProxy, "trusted-proxy", variable: "LAMINA_TRUSTED_PROXIES")
        do throws(AddressError) {
            proxies.addresses = try AddressSet(parsing: named.map(\.text))
            proxies.sidecars[.istio] = try AddressSet(parsing: TrustedProxies.istioSidecar)
        } catch {
            throw ValidationError("\(named.first?.source ?? "--trusted-proxy"): \(error).")
        }
        // Since 2.11 Linkerd's proxy connects to the address that its client did: the pod's own, from the pod's own.
        proxies.sidecars[.linkerd] = .ofThisHost()
        if let given = read.given(spiffeID, "spiffe-id") {
            guard let id = SPIFFEID(given.text), !id.path.isEmpty else {
                throw ValidationError(
                    "\(given.source) '\(given.text)' is no SPIFFE ID of a workload (spiffe://DOMAIN/PATH).")
            }
            proxies.ownID = id
        }
        return proxies
    }
}

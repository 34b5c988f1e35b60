package import LaminaHTTP

/// The proxies whose word about the client behind them counts, and in which field they give it.
package struct TrustedProxies: Sendable, Equatable {
    /// The field a proxy names its client in.
    package enum Field: String, Sendable, CaseIterable {
        /// Envoy's, and so Istio's.
        case clientCertificate = "x-forwarded-client-cert"
        /// Linkerd's.
        case linkerdClientID = "l5d-client-id"
    }

    /// Where Istio's sidecar connects from when it redirects connections: no other pod can use these addresses, any process of
    /// this one can.
    package static let istioSidecar = ["127.0.0.6", "::6"]

    /// Further proxies that the operator names, by where their connections come from.
    package var addresses = AddressSet()
    /// Where the sidecars of meshes connect from.
    package var sidecars: [Mesh.Kind: AddressSet] = [:]
    /// Who we are, where it is known: then `X-Forwarded-Client-Cert` has to be addressed to us.
    package var ownID: SPIFFEID?

    /// Nobody is trusted.
    package init() {}

    /// Whether a connection's word about its client counts, if it gives it in that field.
    /// - Parameter mesh: the one we are in, as far as is known.
    func contains(peer: String, naming field: Field, in mesh: Mesh.Kind?) -> Bool {
        guard field == (mesh == .linkerd ? .linkerdClientID : .clientCertificate) else { return false }
        if addresses.contains(peer: peer) { return true }
        return mesh.flatMap { sidecars[$0] }?.contains(peer: peer) ?? false
    }
}

/// The inference gateways whose fairness ids and objectives count.
package struct TrustedGateways: Sendable, Equatable {
    /// Where their connections come from, if they come straight.
    package var addresses = AddressSet()
    /// Who they are, if a certificate or a trusted proxy tells.
    package var identities: [IdentityPattern] = []
    /// The priority, lower values first, of requests with an objective of that name.
    package var objectives: [String: Int] = [:]

    /// None is trusted.
    package init() {}

    func contains(_ identity: PeerIdentity?, peer: String) -> Bool {
        if let identity, identities.contains(where: { $0.matches(identity) }) { return true }
        return addresses.contains(peer: peer)
    }
}

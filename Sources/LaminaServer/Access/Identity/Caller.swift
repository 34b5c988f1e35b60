import LaminaEngine
package import LaminaHTTP

/// Who asks: found out once for each request, before anything is decided about it.
package struct Caller: Sendable, Equatable {
    /// What the API key is called that came with the request; nil where none did that is valid.
    package var keyName: String?
    /// Who the client proved to be: to us by a certificate, or to a proxy that we trust. Nil where it is not known.
    package var identity: PeerIdentity?
    /// What a trusted inference gateway says about the request.
    var gateway = GatewayTerms()
    /// Why what came with the request about its client cannot be used; such a request is answered with nothing else.
    var fault: APIError?

    /// Nobody in particular.
    package init(keyName: String? = nil, identity: PeerIdentity? = nil) {
        self.keyName = keyName
        self.identity = identity
    }

    /// Whom the request is counted for: the gateway's fairness id, else the API key, else the client's identity.
    package var account: CallerAccount {
        if let id = gateway.fairnessID { return .gateway(fairnessID: id) }
        if let keyName { return .key(name: keyName) }
        if let identity { return .client(identity) }
        return .anonymous
    }
}

/// What an inference gateway says about a request it passes on.
struct GatewayTerms: Sendable, Equatable {
    /// Whom it counts the request for.
    var fairnessID: String?
    /// How urgent it is, lower values first.
    var priority: Int?
}

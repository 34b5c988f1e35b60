package import LaminaHTTP
package import LaminaEngine

/// Whom a request is counted for, in fair shares, limits and metrics.
package enum CallerAccount: Sendable, Hashable {
    /// Whoever a trusted gateway names.
    case gateway(fairnessID: String)
    /// Those who hold the keys of that name.
    case key(name: String)
    /// A client with a certificate: its SPIFFE ID.
    case workload(SPIFFEID)
    /// A client with another certificate: what it is called.
    case certificate(name: String)
    /// All of whom nothing is known.
    case anonymous

    /// A subject may be as long as its certificate.
    private static let nameCharacters = 512

    /// The account of a client by its certificate.
    package static func client(_ identity: PeerIdentity) -> CallerAccount {
        identity.spiffeID.map { .workload($0) } ?? .certificate(name: String(identity.name.prefix(nameCharacters)))
    }

    /// Whose share of the engine a request takes. What an anonymous client calls its user is believed, since it can only split
    /// what all anonymous clients have.
    /// - Parameter user: the request's own word.
    package func tenant(user: String?) -> Tenant {
        guard self == .anonymous else { return .named(description) }
        return user.map { .named("user:\($0)") } ?? .common
    }
}

extension CallerAccount: CustomStringConvertible {
    /// A name that no account of another sort has.
    package var description: String {
        switch self {
        case .gateway(let id): "gateway:\(id)"
        case .key(let name): "key:\(name)"
        case .workload(let id): id.description
        case .certificate(let name): "certificate:\(name)"
        case .anonymous: "anonymous"
        }
    }
}

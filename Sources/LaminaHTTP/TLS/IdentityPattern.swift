/// Which peers are meant: a SPIFFE ID, all below a part of one, a DNS name, all below one, or a subject.
///
/// `spiffe://cluster.local/ns/prod/sa/agent` is that workload; `spiffe://cluster.local/ns/prod/*` is every workload below that
/// path, which for Istio's names is the namespace; `agent.example.com` is a DNS name and `*.example.com` every name below one, which
/// for Linkerd's (`*.prod.serviceaccount.identity.linkerd.cluster.local`) is the namespace; `CN=agent,O=Example` is a subject.
package struct IdentityPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Form: Sendable, Hashable {
        case workload(SPIFFEID)
        case workloadsBelow(SPIFFEID)
        case dnsName(String)
        /// With the dot before it.
        case dnsNamesBelow(String)
        case subject(String)
    }

    /// As it was written.
    package let description: String
    private let form: Form

    /// Nil where the text is none of the forms.
    package init?(_ text: String) {
        description = text
        if text.hasPrefix("spiffe://") {
            let isBelow = text.hasSuffix("/*")
            guard let id = SPIFFEID(isBelow ? String(text.dropLast(2)) : text) else { return nil }
            guard isBelow || !id.path.isEmpty else { return nil }
            form = isBelow ? .workloadsBelow(id) : .workload(id)
        } else if text.contains("=") {
            form = .subject(text)
        } else {
            let isBelow = text.hasPrefix("*.")
            let name = isBelow ? text.dropFirst(2) : text[...]
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isNameByte) else { return nil }
            form = isBelow ? .dnsNamesBelow(".\(name.lowercased())") : .dnsName(name.lowercased())
        }
    }

    /// Whether a peer is meant.
    package func matches(_ peer: PeerIdentity) -> Bool {
        switch form {
        case .workload(let id): peer.spiffeID == id
        case .workloadsBelow(let id):
            peer.spiffeID.map { $0.trustDomain == id.trustDomain && $0.path.hasPrefix(id.path + "/") } ?? false
        case .dnsName(let name): peer.dnsNames.contains { $0.lowercased() == name }
        case .dnsNamesBelow(let suffix):
            peer.dnsNames.contains { $0.utf8.count > suffix.utf8.count && $0.lowercased().hasSuffix(suffix) }
        case .subject(let subject): peer.subject == subject
        }
    }

    /// Of a DNS name as it stands in certificates.
    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x41...0x5A, 0x30...0x39, 0x2E, 0x2D, 0x5F: true
        default: false
        }
    }
}

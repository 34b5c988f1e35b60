/// A workload's name as SPIFFE writes it (SPIFFE-ID §2), such as `spiffe://cluster.local/ns/prod/sa/agent`.
package struct SPIFFEID: Sendable, Hashable, CustomStringConvertible {
    /// The authority that vouches for the name: lower-case letters, digits, `.`, `-`, `_`.
    package let trustDomain: String
    /// What follows the trust domain, from the slash on; empty for the trust domain itself.
    package let path: String

    private static let prefix = "spiffe://"
    private static let maximumBytes = 2048
    private static let maximumTrustDomainBytes = 255

    /// Nil where the text is no SPIFFE ID, or not in the only form that is allowed: no query, fragment, port or user, no
    /// percent encoding, no empty segment and no `.` or `..`.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count <= Self.maximumBytes else { return nil }
        let rest = text.dropFirst(Self.prefix.count)
        let domain = rest.prefix { $0 != "/" }
        guard (1...Self.maximumTrustDomainBytes).contains(domain.utf8.count),
            domain.utf8.allSatisfy(Self.isTrustDomainByte)
        else { return nil }
        let path = rest.dropFirst(domain.count)
        let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
        guard segments.allSatisfy(Self.isSegment) else { return nil }
        trustDomain = String(domain)
        self.path = String(path)
    }

    package var description: String { Self.prefix + trustDomain + path }

    /// The namespace, where the path has the form that Istio gives it: `/ns/NAMESPACE/sa/ACCOUNT`.
    package var kubernetesNamespace: String? { kubernetes?.namespace }

    /// The service account, where the path has the form that Istio gives it.
    package var kubernetesServiceAccount: String? { kubernetes?.account }

    private var kubernetes: (namespace: String, account: String)? {
        let segments = path.split(separator: "/")
        guard segments.count == 4, segments[0] == "ns", segments[2] == "sa" else { return nil }
        return (String(segments[1]), String(segments[3]))
    }

    private static func isTrustDomainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7A, 0x30...0x39, 0x2E, 0x2D, 0x5F: true
        default: false
        }
    }

    private static func isSegment(_ segment: Substring) -> Bool {
        !segment.isEmpty && segment != "." && segment != ".."
            && segment.utf8.allSatisfy { isTrustDomainByte($0) || (0x41...0x5A).contains($0) }
    }
}

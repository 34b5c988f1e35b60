/// The client's certificate as the nearest proxy saw it: the last element of `X-Forwarded-Client-Cert`
/// (Envoy, "HTTP connection manager: x-forwarded-client-cert").
///
/// Envoy appends an element for each hop and, as Istio sets it up, keeps those that came with the request, which anybody may have
/// invented. Only the last was written by the proxy that the connection comes from; whether that one is to be trusted is the
/// caller's to know.
package struct ForwardedClientCertificate: Sendable, Equatable {
    /// Who wrote the element: the URIs of the proxy's own certificate.
    package let writers: [String]
    /// SHA-256 of the client's certificate, in lower-case hexadecimal digits.
    package let hash: String
    /// The client's subject as RFC 2253 writes it; empty where the element has none.
    package let subject: String
    /// The URIs that the client's certificate is for.
    package let uris: [String]
    /// The DNS names that it is for.
    package let dnsNames: [String]

    private static let hashDigits = 64
    private static let singleKeys: Set<String> = ["hash", "cert", "chain", "subject"]

    /// Reads all lines of the field as one list (RFC 9110 §5.3); no quoted value goes on in the next line.
    /// - Parameter ownID: who we are; where it is known, the last element has to be addressed to us.
    package init(lines: [String], ownID: SPIFFEID? = nil) throws(ForwardedCertificateError) {
        var values: [String: [String]] = [:]
        for pair in try Self.lastElement(of: lines) {
            if values[pair.key] != nil, Self.singleKeys.contains(pair.key) { throw .repeated(key: pair.key) }
            values[pair.key, default: []].append(pair.value)
        }
        guard let hash = values["hash"]?.first, hash.utf8.count == Self.hashDigits, hash.allSatisfy(\.isHexDigit) else {
            throw .noHash
        }
        writers = Self.named(values["by"])
        if let ownID, !writers.contains(ownID.description) { throw .notForUs(ownID: ownID) }
        self.hash = hash.lowercased()
        subject = values["subject"]?.first ?? ""
        uris = Self.named(values["uri"])
        dnsNames = Self.named(values["dns"])
    }

    private static func lastElement(
        of lines: [String]
    ) throws(ForwardedCertificateError) -> [ForwardedCertificateParser.Pair] {
        guard lines.reduce(0, { $0 + $1.utf8.count }) <= ForwardedCertificateLimits.bytes else {
            throw .tooLong(limitBytes: ForwardedCertificateLimits.bytes)
        }
        var pairs: [ForwardedCertificateParser.Pair] = []
        var elements = 0
        for line in lines {
            var parser = ForwardedCertificateParser(line)
            pairs = try parser.lastElement()
            elements += parser.elementCount
            guard elements <= ForwardedCertificateLimits.elements else {
                throw .tooManyElements(limit: ForwardedCertificateLimits.elements)
            }
        }
        return pairs
    }

    /// Envoy writes a key without a value for a certificate that has no such name.
    private static func named(_ values: [String]?) -> [String] { (values ?? []).filter { !$0.isEmpty } }
}

extension PeerIdentity {
    /// The client that a proxy verified, by the same rules as one whose certificate we saw ourselves: a workload has exactly one URI.
    package init(_ certificate: ForwardedClientCertificate) {
        let id = certificate.uris.count == 1 ? SPIFFEID(certificate.uris[0]) : nil
        self.init(
            spiffeID: id.flatMap { $0.path.isEmpty ? nil : $0 }, dnsNames: certificate.dnsNames,
            subject: certificate.subject, fingerprint: certificate.hash)
    }

    /// The client that Linkerd's proxy verified (`l5d-client-id`): a DNS name such as
    /// `agent.prod.serviceaccount.identity.linkerd.cluster.local`, or a SPIFFE ID. Nil where the lines are not one such name.
    package init?(linkerdClientID lines: [String]) {
        guard lines.count == 1, let name = lines.first else { return nil }
        if let id = SPIFFEID(name), !id.path.isEmpty {
            self.init(spiffeID: id)
        } else if (1...Self.dnsNameBytes).contains(name.utf8.count), name.utf8.allSatisfy(IdentityPattern.isNameByte) {
            self.init(spiffeID: nil, dnsNames: [name])
        } else {
            return nil
        }
    }

    /// RFC 1035 §2.3.4, in text form.
    private static let dnsNameBytes = 253
}

/// Who a peer proved to be with a certificate that was verified, by us or by a proxy we trust.
package struct PeerIdentity: Sendable, Hashable {
    /// The workload, where the certificate is an X509-SVID.
    package let spiffeID: SPIFFEID?
    /// The DNS names the certificate is for.
    package let dnsNames: [String]
    /// The subject as RFC 2253 writes it, such as `CN=client,O=Example`.
    package let subject: String
    /// SHA-256 of the certificate as lower-case hexadecimal digits.
    package let fingerprint: String

    /// An identity of these parts.
    package init(spiffeID: SPIFFEID?, dnsNames: [String] = [], subject: String = "", fingerprint: String = "") {
        self.spiffeID = spiffeID
        self.dnsNames = dnsNames
        self.subject = subject
        self.fingerprint = fingerprint
    }

    /// What to call the peer in logs: its SPIFFE ID, else its first DNS name, else its subject, else its certificate's fingerprint.
    package var name: String {
        spiffeID?.description ?? dnsNames.first ?? (subject.isEmpty ? "sha256:\(fingerprint)" : subject)
    }
}

extension PeerIdentity {
    /// Reads a certificate that was verified.
    init(certificate: CertificateReader) {
        // X509-SVID §2 and §5.2: exactly one URI, naming a workload and not the trust domain, in a certificate that signs
        // no others. Anything else is no SVID, and must not pass for one.
        let uris = certificate.alternativeNames(.uri)
        let id = uris.count == 1 && !certificate.isAuthority ? SPIFFEID(uris[0]) : nil
        self.init(
            spiffeID: id.flatMap { $0.path.isEmpty ? nil : $0 },
            dnsNames: certificate.alternativeNames(.dns).filter { !$0.isEmpty }, subject: certificate.subject,
            fingerprint: certificate.fingerprint)
    }
}

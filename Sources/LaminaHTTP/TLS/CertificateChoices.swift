import COpenSSL

/// Finds the certificates for the name a client asks for (SNI, RFC 6066 §3).
final class CertificateChoices: Sendable {
    private let certificates: [KeyedCertificate]
    private let names: [[String]]

    init(_ certificates: [KeyedCertificate]) {
        self.certificates = certificates
        names = certificates.map { $0.names.map { $0.lowercased() } }
    }

    /// Whether there is a choice at all.
    var isPlural: Bool { certificates.count > 1 }

    /// The certificates for a name, one of each sort of key: those that name it, else those that cover it by a wildcard,
    /// else the first.
    func certificates(for serverName: String?) -> [KeyedCertificate] {
        let name = (serverName ?? "").lowercased()
        let exact = matches { $0 == name }
        let found = exact.isEmpty ? matches { Self.covers(wildcard: $0, name) } : exact
        guard let first = found.first else { return Array(certificates.prefix(1)) }
        var kinds = [first.key.kind]
        return found.filter { certificate in
            if certificate.key.kind == first.key.kind { return certificate.chain[0] === first.chain[0] }
            defer { kinds.append(certificate.key.kind) }
            return !kinds.contains(certificate.key.kind)
        }
    }

    private func matches(_ isMeant: (String) -> Bool) -> [KeyedCertificate] {
        zip(certificates, names).filter { $0.1.contains(where: isMeant) }.map(\.0)
    }

    /// RFC 9525 §6.3: the asterisk is the whole left-most label and stands for exactly one.
    static func covers(wildcard pattern: String, _ name: String) -> Bool {
        guard pattern.hasPrefix("*."), let dot = name.firstIndex(of: "."), dot != name.startIndex else { return false }
        return name[dot...] == pattern.dropFirst()
    }

    /// Called by OpenSSL at the beginning of a handshake.
    static func install(_ ssl: OpaquePointer?, _ choices: UnsafeMutableRawPointer?) -> Int32 {
        guard let ssl, let choices else { return 0 }
        let name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        SSL_certs_clear(ssl)
        for certificate in Unmanaged<CertificateChoices>.fromOpaque(choices).takeUnretainedValue()
            .certificates(for: name)
        {
            guard certificate.install(in: ssl) else { return 0 }
        }
        return 1
    }
}

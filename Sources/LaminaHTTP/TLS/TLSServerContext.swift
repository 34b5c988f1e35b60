import COpenSSL
import Glibc

/// A listener's certificates and rules, read from files once; a change of the files needs a new context.
///
/// `@unchecked Sendable`: nothing in it changes after `init`, but for the ticket keys, which have a lock.
package final class TLSServerContext: @unchecked Sendable {
    /// A certificate that is served.
    package struct ServedCertificate: Sendable, Hashable {
        /// Where it was read from.
        package let file: String
        /// Its DNS names.
        package let names: [String]
        /// Whom it names.
        package let identity: PeerIdentity
        /// The first second of its validity, since 1970.
        package let validFrom: Int
        /// The last second of its validity, since 1970.
        package let validUntil: Int
    }

    /// What is unusual about the files, for the log.
    package let warnings: [String]
    /// The certificates, the default first.
    package let certificates: [ServedCertificate]

    private let context: SSLContext
    private let choices: CertificateChoices
    private let tickets = TicketKeys()

    /// How long a session can be resumed, in seconds.
    private static let ticketLifetime = 2 * 3600

    /// Reads the files.
    ///
    /// - Throws: `TLSError.unusableFile` or `unusableSettings`.
    package convenience init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        try self.init(configuration, now: time(nil))
    }

    /// - Parameter now: seconds since 1970, for the certificates' validity.
    init(_ configuration: TLSServerConfiguration, now: Int) throws(TLSError) {
        guard let first = configuration.certificates.first else {
            throw .unusableSettings(reason: "there is no certificate", advice: "give --tls-certificate and --tls-key")
        }
        context = try SSLContext(method: TLS_server_method(), minimumVersion: configuration.minimumVersion)
        var keyed: [KeyedCertificate] = []
        for files in configuration.certificates { keyed.append(try KeyedCertificate(files, now: now)) }
        choices = CertificateChoices(keyed)
        certificates = zip(configuration.certificates, keyed).map { files, keyed in
            let leaf = keyed.chain[0].reader
            return ServedCertificate(
                file: files.certificate, names: keyed.names, identity: PeerIdentity(certificate: leaf),
                validFrom: leaf.validFrom ?? 0, validUntil: leaf.validUntil ?? 0)
        }
        // Each is installed once, so that what OpenSSL does not take is found now and not at a handshake.
        for (files, certificate) in zip(configuration.certificates, keyed).reversed() {
            try certificate.install(in: context, path: files.certificate)
        }
        try keyed[0].install(in: context, path: first.certificate)
        let clients = try ClientVerification(configuration, now: now)
        warnings = keyed.flatMap(\.warnings) + clients.warnings
        clients.install(in: context)
        install()
    }

    private func install() {
        let pointer = context.pointer
        copenssl_ctx_set_server_preference(pointer)
        SSL_CTX_set_timeout(pointer, Self.ticketLifetime)
        // A session may be resumed only here (needed where clients show certificates).
        let name = Array("lamina".utf8)
        SSL_CTX_set_session_id_context(pointer, name, UInt32(name.count))
        SSL_CTX_set_alpn_select_cb(
            pointer,
            { _, chosen, length, offered, count, _ in
                ApplicationProtocols.choose(chosen, length, offered, count)
            }, nil)
        tickets.install(in: pointer)
        if choices.isPlural {
            SSL_CTX_set_cert_cb(
                pointer, { CertificateChoices.install($0, $1) }, Unmanaged.passUnretained(choices).toOpaque())
        }
    }

    /// A new connection's end; nil where there is no memory.
    func makeSession() -> TLSSession? { TLSSession(context, owner: self, isServer: true) }
}

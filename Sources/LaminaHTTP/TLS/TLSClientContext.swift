import COpenSSL
import Glibc

/// What a client's connections are made from: authorities read once, and its own certificate.
package final class TLSClientContext: Sendable {
    private let context: SSLContext
    private let trustsSystem: Bool
    private let settings: TLSClientSettings

    /// Reads the authorities and the certificate.
    ///
    /// - Throws: `TLSError.unusableFile` or `unusableSettings`.
    package init(_ configuration: TLSClientConfiguration = TLSClientConfiguration()) throws(TLSError) {
        context = try SSLContext(method: TLS_client_method(), minimumVersion: configuration.minimumVersion)
        trustsSystem = configuration.trustsSystemAuthorities
        settings = configuration.settings
        let pointer = context.pointer
        HostMismatch.observe(in: pointer)
        if trustsSystem { try Self.trustSystem(pointer) }
        for path in configuration.authorityFiles {
            let file = try PEMFile(path: path, maximumBytes: TLSLimits.authorityFileBytes)
            guard let store = SSL_CTX_get_cert_store(pointer) else { continue }
            for authority in try file.certificates() { X509_STORE_add_cert(store, authority.pointer) }
            // An authority that was named is trusted even where it is not a root.
            X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        }
        if let files = configuration.certificate {
            try KeyedCertificate(files, now: time(nil)).install(in: context, path: files.certificate)
        }
        let offer = ApplicationProtocols.offer
        // Unlike OpenSSL's other functions this one gives 0 for success; it fails for lack of memory only.
        _ = SSL_CTX_set_alpn_protos(pointer, offer, UInt32(offer.count))
        ERR_clear_error()
    }

    private static func trustSystem(_ pointer: OpaquePointer) throws(TLSError) {
        let system = SystemAuthorities()
        ERR_clear_error()
        if let file = system.file, SSL_CTX_load_verify_file(pointer, file) != 1 {
            throw .unusableFile(
                path: file, reason: "it cannot be used as trusted authorities: \(OpenSSLErrors.takeText())",
                advice: "correct SSL_CERT_FILE, or install the package ca-certificates anew")
        }
        if let directory = system.directory { SSL_CTX_load_verify_dir(pointer, directory) }
        if system.file == nil, system.directory == nil {
            throw .unusableSettings(
                reason: "this system has no list of trusted authorities "
                    + "(looked for \(SystemAuthorities.fileCandidates.joined(separator: ", ")))",
                advice: "install the package ca-certificates, or set SSL_CERT_FILE to such a list")
        }
    }

    /// A new connection's end, which accepts only a certificate for the host; nil where there is no memory.
    func makeSession(host: String) -> TLSSession? {
        guard let session = TLSSession(context, owner: self, isServer: false) else { return nil }
        let ssl = session.handle
        guard let parameters = SSL_get0_param(ssl) else { return nil }
        let name = Self.plainName(host)
        // RFC 6066 §3: addresses are not sent as server names.
        if X509_VERIFY_PARAM_set1_ip_asc(parameters, name) == 1 { return session }
        ERR_clear_error()
        X509_VERIFY_PARAM_set_hostflags(parameters, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS))
        guard X509_VERIFY_PARAM_set1_host(parameters, name, 0) == 1, copenssl_set_server_name(ssl, name) == 1 else {
            return nil
        }
        return session
    }

    /// Without the brackets and zone of an IPv6 address, and without the dot that ends an absolute name.
    private static func plainName(_ host: String) -> String {
        var name = host[...]
        if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
        if name.contains(":") { name = name.prefix { $0 != "%" } }
        if name.hasSuffix("."), name.count > 1 { name = name.dropLast() }
        return String(name)
    }

    /// What to do about a failed handshake.
    func advice(for cause: TLSFailure.Cause) -> String {
        switch cause {
        case .authorityUnknown:
            trustsSystem
                ? "if its authority is your own, name that authority's certificate \(settings.authority)"
                : "add the authority that signed the server's certificate to the trusted ones"
        case .certificateExpired: "check this machine's clock, or have the server's certificate replaced"
        case .certificateInvalid, .certificateRevoked: "have the server's certificate replaced"
        case .certificateName:
            "use such a name in the URL" + (settings.serverName.map { ", or say \($0) which is meant" } ?? "")
        case .peerAlert: "the server's log may say more; it may ask for a client certificate"
        case .malformed, .version: "does the server speak TLS 1.2 or 1.3 on this port?"
        default: "check the server's settings"
        }
    }
}

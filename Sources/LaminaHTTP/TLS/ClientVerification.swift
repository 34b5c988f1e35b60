import COpenSSL

/// Whose certificates a server accepts from its clients.
struct ClientVerification {
    private let mode: TLSServerConfiguration.ClientAuthentication
    private let depth: Int
    private let authorities: [Certificate]
    private let revocations: [RevocationList]
    /// What is unusual about the files, for the log.
    let warnings: [String]

    /// Reads the files. `now` is in seconds since 1970. Throws `TLSError.unusableFile` or `unusableSettings`.
    init(_ configuration: TLSServerConfiguration, now: Int) throws(TLSError) {
        mode = configuration.clientAuthentication
        depth = configuration.verifyDepth
        guard TLSLimits.verifyDepth.contains(depth) else {
            throw .unusableSettings(
                reason: "the verification depth is \(depth)",
                advice: "it must be \(TLSLimits.verifyDepth.lowerBound) to \(TLSLimits.verifyDepth.upperBound)")
        }
        guard mode == .none || !configuration.clientAuthorityFiles.isEmpty else {
            throw .unusableSettings(
                reason: "clients are asked for certificates, but no authority is trusted",
                advice: "give --tls-client-ca")
        }
        var authorities: [Certificate] = []
        var revocations: [RevocationList] = []
        var warnings: [String] = []
        for path in configuration.clientAuthorityFiles {
            let file = try PEMFile(path: path, maximumBytes: TLSLimits.authorityFileBytes)
            let found = try file.certificates()
            authorities += found
            for certificate in found where certificate.reader.validUntil ?? 0 <= now {
                warnings.append("\(path): the certificate of \(certificate.reader.subject) has expired")
            }
        }
        for path in configuration.revocationFiles {
            let found = try PEMFile(path: path, maximumBytes: TLSLimits.revocationFileBytes).revocationLists()
            revocations += found
            if found.contains(where: { ($0.nextUpdate ?? .max) <= now }) {
                warnings.append(
                    "\(path): a revocation list is out of date; clients of its authority are refused until it is replaced"
                )
            }
        }
        self.authorities = authorities
        self.revocations = revocations
        self.warnings = warnings
    }

    /// Makes a context verify clients. OpenSSL checks that a certificate is for clients (extended key usage) by itself.
    func install(in context: SSLContext) {
        let pointer = context.pointer
        let flags: Int32 =
            switch mode {
            case .none: SSL_VERIFY_NONE
            case .optional: SSL_VERIFY_PEER
            case .required: SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT
            }
        SSL_CTX_set_verify(pointer, flags, nil)
        guard mode != .none, let store = SSL_CTX_get_cert_store(pointer) else { return }
        SSL_CTX_set_verify_depth(pointer, Int32(depth))
        for authority in authorities {
            X509_STORE_add_cert(store, authority.pointer)
            // The names are sent to clients, which choose a certificate by them.
            SSL_CTX_add_client_CA(pointer, authority.pointer)
        }
        // An authority in the file is trusted even where it is not a root.
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        if !revocations.isEmpty {
            for list in revocations { X509_STORE_add_crl(store, list.pointer) }
            X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
        }
        ERR_clear_error()
    }
}

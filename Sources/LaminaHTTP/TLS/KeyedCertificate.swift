import COpenSSL

/// A certificate with its chain and its key, as one end of a connection shows it.
struct KeyedCertificate: Sendable {
    let chain: [Certificate]
    let key: PrivateKey
    /// What is unusual about the files, for the log.
    let warnings: [String]

    /// Reads and checks the two files.
    ///
    /// - Parameter now: seconds since 1970.
    /// - Throws: `TLSError.unusableFile`: unreadable, encrypted, expired, or key and certificate do not belong together.
    init(_ files: TLSCertificateFiles, now: Int) throws(TLSError) {
        let chainFile = try PEMFile(path: files.certificate, maximumBytes: TLSLimits.certificateFileBytes)
        let keyFile = try PEMFile(path: files.key, maximumBytes: TLSLimits.certificateFileBytes)
        chain = try chainFile.certificates()
        key = try keyFile.privateKey()
        guard key.belongs(to: chain[0]) else {
            throw .unusableFile(
                path: files.key, reason: "the key does not belong to the first certificate in \(files.certificate)",
                advice: "name the key of that certificate; in a chain, the server's own certificate comes first")
        }
        let leaf = chain[0].reader
        guard let until = leaf.validUntil, until > now else {
            throw .unusableFile(
                path: files.certificate, reason: "the certificate expired on \(Self.date(leaf.validUntil))",
                advice: "replace it by a new one")
        }
        var warnings: [String] = []
        if let from = leaf.validFrom, from > now {
            warnings.append("\(files.certificate): the certificate is not valid before \(Self.date(from))")
        }
        for index in chain.indices.dropFirst() where !chain[index].hasIssued(chain[index - 1]) {
            warnings.append(
                "\(files.certificate): certificate \(index + 1) is not the issuer of certificate \(index); clients may be "
                    + "unable to verify the chain")
        }
        if keyFile.isReadableByAll {
            warnings.append("\(files.key): every user of this machine can read the key; set its mode to 0400")
        }
        self.warnings = warnings
    }

    /// DNS names of the server's certificate.
    var names: [String] { chain[0].reader.alternativeNames(.dns) }

    /// Makes a context show it.
    func install(in context: SSLContext, path: String) throws(TLSError) {
        ERR_clear_error()
        let result = withChain { SSL_CTX_use_cert_and_key(context.pointer, chain[0].pointer, key.pointer, $0, 1) }
        if result == 1 { return }
        throw .unusableFile(
            path: path, reason: "OpenSSL does not take the certificate: \(OpenSSLErrors.takeText())",
            advice: "keys must be as strong as RSA 2048 or P-256, and signatures not SHA-1")
    }

    /// Makes a connection show it.
    func install(in ssl: OpaquePointer) -> Bool {
        withChain { SSL_use_cert_and_key(ssl, chain[0].pointer, key.pointer, $0, 1) } == 1
    }

    private func withChain(_ body: (OpaquePointer?) -> Int32) -> Int32 {
        guard let stack = copenssl_certificates_new() else { return 0 }
        defer { copenssl_certificates_free(stack) }
        for certificate in chain.dropFirst() { _ = copenssl_certificates_push(stack, certificate.pointer) }
        return body(stack)
    }

    static func date(_ seconds: Int?) -> String {
        guard let seconds else { return "a date that cannot be read" }
        return HTTPDate.format(seconds)
    }
}

/// The files of a certificate and its key, in PEM form.
package struct TLSCertificateFiles: Sendable, Hashable {
    /// The certificate, followed by those of the authorities between it and the root.
    package let certificate: String
    /// Its private key, not encrypted.
    package let key: String

    /// Paths of files.
    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

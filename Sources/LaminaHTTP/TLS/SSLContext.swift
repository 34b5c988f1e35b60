import COpenSSL

/// An SSL_CTX: the settings that connections are made from.
///
/// `@unchecked Sendable`: it is set up by one thread, and afterwards only read and made connections from, which OpenSSL
/// allows on several threads.
final class SSLContext: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Cipher suites of TLS 1.2: ephemeral keys and authenticated encryption only. Those of 1.3 are all of this kind.
    private static let cipherList = [
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
    ].joined(separator: ":")
    private static let cipherSuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
    /// The first list OpenSSL knows is taken: the hybrid with ML-KEM came with 3.5.
    private static let groupLists = ["X25519MLKEM768:X25519:P-256:P-384", "X25519:P-256:P-384"]

    /// A context with what both ends have in common.
    init(method: OpaquePointer?, minimumVersion: TLSVersion) throws(TLSError) {
        ERR_clear_error()
        guard let pointer = SSL_CTX_new(method) else {
            throw .unusableSettings(
                reason: "OpenSSL does not start: \(OpenSSLErrors.takeText())", advice: "check OPENSSL_CONF")
        }
        self.pointer = pointer
        copenssl_ctx_set_defaults(pointer)
        SSL_CTX_set_security_level(pointer, TLSLimits.securityLevel)
        guard copenssl_ctx_set_min_version(pointer, minimumVersion.number) == 1,
            SSL_CTX_set_cipher_list(pointer, Self.cipherList) == 1,
            SSL_CTX_set_ciphersuites(pointer, Self.cipherSuites) == 1,
            Self.groupLists.contains(where: { copenssl_ctx_set_groups(pointer, $0) == 1 })
        else {
            throw .unusableSettings(
                reason: "OpenSSL has no cipher suites for it: \(OpenSSLErrors.takeText())",
                advice: "check OPENSSL_CONF, or use OpenSSL 3 with its default provider")
        }
        ERR_clear_error()
    }

    deinit { SSL_CTX_free(pointer) }
}

/// A version of TLS that is spoken; older ones are not.
package enum TLSVersion: String, Sendable, CaseIterable {
    /// RFC 5246.
    case tls12 = "1.2"
    /// RFC 8446.
    case tls13 = "1.3"

    /// OpenSSL's number.
    var number: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}

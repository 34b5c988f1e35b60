import COpenSSL

/// What the two ends of a TLS connection agreed on.
package struct TLSSecurity: Sendable, Equatable {
    /// The version as OpenSSL names it, such as `TLSv1.3`.
    package let version: String
    /// The cipher suite's IANA name, such as `TLS_AES_128_GCM_SHA256`.
    package let cipherSuite: String
    /// The name the client asked for (SNI).
    package let serverName: String?
    /// The protocol agreed on by ALPN.
    package let applicationProtocol: String?
    /// Whether an earlier session was resumed, without certificates.
    package let isResumed: Bool
    /// Who the peer proved to be; nil where it showed no certificate.
    package let peer: PeerIdentity?

    /// Of a connection whose handshake is done.
    init(_ session: TLSSession) {
        let ssl = session.handle
        version = String(cString: SSL_get_version(ssl))
        cipherSuite = SSL_CIPHER_standard_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? ""
        serverName = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name).map { String(cString: $0) }
        isResumed = SSL_session_reused(ssl) == 1
        peer = SSL_get0_peer_certificate(ssl).map { PeerIdentity(certificate: CertificateReader($0)) }
        var start: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        SSL_get0_alpn_selected(ssl, &start, &count)
        applicationProtocol = start.map {
            String(decoding: UnsafeBufferPointer(start: $0, count: Int(count)), as: UTF8.self)
        }
    }
}

import COpenSSL

/// Why a handshake or a connection failed on the side of TLS.
package struct TLSFailure: Error, Sendable, Equatable {
    /// The sort of failure, for metrics: few and fixed.
    package enum Cause: String, Sendable, CaseIterable {
        /// The peer sent a request without encryption.
        case plainHTTP = "plain_http"
        /// No version in common.
        case version = "no_shared_version"
        /// No cipher suite, group or signature in common.
        case cipher = "no_shared_cipher"
        /// No application protocol in common (RFC 7301).
        case applicationProtocol = "no_application_protocol"
        /// A certificate is required and the peer showed none.
        case certificateMissing = "certificate_missing"
        /// The peer's certificate comes from an authority that is not trusted.
        case authorityUnknown = "certificate_unknown_ca"
        /// The peer's certificate, or the revocation list it is checked against, has expired or is not yet valid.
        case certificateExpired = "certificate_expired"
        /// The peer's certificate was revoked.
        case certificateRevoked = "certificate_revoked"
        /// The server's certificate is for other hosts than the one it was to be for.
        case certificateName = "certificate_name"
        /// The peer's certificate is not acceptable for another reason.
        case certificateInvalid = "certificate_invalid"
        /// The peer ended it with an alert of its own.
        case peerAlert = "peer_alert"
        /// The peer took too long.
        case timedOut = "timeout"
        /// The peer went away.
        case disconnected = "disconnected"
        /// This side gave up: it drains or was stopped.
        case stopped = "stopped"
        /// What arrived is not TLS, or broken.
        case malformed = "malformed"
    }

    /// The sort of failure.
    package let cause: Cause
    /// What happened, as OpenSSL says it.
    package let reason: String

    /// A failure.
    package init(_ cause: Cause, _ reason: String) {
        self.cause = cause
        self.reason = reason
    }
}

extension TLSFailure {
    /// What the last call on a connection left in this thread's error queue, which it empties.
    static func last(of ssl: OpaquePointer) -> TLSFailure {
        let errors = OpenSSLErrors.take()
        // What TLS makes of it says more than what the cryptography below failed at.
        guard let error = errors.first(where: \.isFromTLS) ?? errors.first else {
            return TLSFailure(.malformed, "the library gave no reason")
        }
        // RFC 8446 §6: alerts a peer sent are reasons from SSL_AD_REASON_OFFSET on.
        if error.isFromTLS, error.reason > SSL_AD_REASON_OFFSET {
            return TLSFailure(.peerAlert, "the peer sent an alert: \(error.alertText)")
        }
        if error.isFromTLS, error.reason == SSL_R_CERTIFICATE_VERIFY_FAILED {
            return verification(SSL_get_verify_result(ssl))
        }
        return TLSFailure(error.isFromTLS ? cause(reason: error.reason) : .malformed, error.text)
    }

    private static func verification(_ result: Int) -> TLSFailure {
        let text = String(cString: X509_verify_cert_error_string(result))
        return TLSFailure(cause(verification: Int32(truncatingIfNeeded: result)), text)
    }

    private static func cause(verification result: Int32) -> Cause {
        switch result {
        case X509_V_ERR_CERT_REVOKED: .certificateRevoked
        case X509_V_ERR_CERT_HAS_EXPIRED, X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CRL_HAS_EXPIRED,
            X509_V_ERR_CRL_NOT_YET_VALID:
            .certificateExpired
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_CERT_UNTRUSTED:
            .authorityUnknown
        case X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH: .certificateName
        default: .certificateInvalid
        }
    }

    private static func cause(reason: Int32) -> Cause {
        switch reason {
        case SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_VERSION_TOO_LOW, SSL_R_WRONG_VERSION_NUMBER,
            SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_INAPPROPRIATE_FALLBACK, SSL_R_UNKNOWN_PROTOCOL:
            .version
        case SSL_R_NO_SHARED_CIPHER, SSL_R_NO_SUITABLE_KEY_SHARE, SSL_R_NO_SHARED_GROUPS,
            SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM, SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
            .cipher
        case SSL_R_NO_APPLICATION_PROTOCOL: .applicationProtocol
        case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE: .certificateMissing
        case SSL_R_HTTP_REQUEST: .plainHTTP
        default: .malformed
        }
    }
}

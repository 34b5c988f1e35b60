/// What can go wrong with TLS.
package enum TLSError: Error, Sendable, Equatable {
    /// A file of certificates, keys or revocation lists cannot be used.
    case unusableFile(path: String, reason: String, advice: String)
    /// The settings contradict each other, or this OpenSSL cannot do what they ask for.
    case unusableSettings(reason: String, advice: String)
    /// The handshake with a server failed.
    case handshakeFailed(host: String, TLSFailure, advice: String)
    /// The connection below failed during the handshake: `timedOut`, `cancelled`, `peerGone`...
    case transport(SocketError)
}

extension TLSError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .unusableFile(let path, let reason, let advice): "\(path): \(reason); \(advice)"
        case .unusableSettings(let reason, let advice): "TLS: \(reason); \(advice)"
        case .handshakeFailed(let host, let failure, let advice):
            "no TLS connection to \(host): \(failure.reason); \(advice)"
        case .transport(let error): "TLS handshake: \(error)"
        }
    }
}

import Glibc

/// What can go wrong with a socket.
package enum SocketError: Error, Sendable, Equatable {
    /// The address cannot be listened on; `reason` is what the system says.
    case cannotListen(address: String, reason: String, advice: String)
    /// A host cannot be connected to; `reason` is what the system says.
    case cannotConnect(address: String, reason: String)
    /// The peer is gone: reset, broken pipe, or no acknowledgement for too long.
    case peerGone
    /// The time allowed passed.
    case timedOut
    /// The task that waited was cancelled.
    case cancelled
    /// The socket was closed on this side.
    case closed
    /// The encryption failed, by the peer's doing; `reason` is what OpenSSL says.
    case tls(reason: String)
    /// A system call failed for a reason that is not the peer's.
    case system(call: String, errno: Int32)
}

extension SocketError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .cannotListen(let address, let reason, let advice): "cannot listen on \(address): \(reason); \(advice)"
        case .cannotConnect(let address, let reason): "cannot connect to \(address): \(reason)"
        case .peerGone: "the peer is gone"
        case .timedOut: "the peer took too long"
        case .cancelled: "cancelled"
        case .closed: "the socket is closed"
        case .tls(let reason): "TLS failed: \(reason)"
        case .system(let call, let errno): "\(call) failed: \(Self.reason(errno))"
        }
    }

    /// Whether somebody listens already where this process wanted to.
    package var isAddressInUse: Bool {
        if case .cannotListen(_, let reason, _) = self { reason == Self.reason(EADDRINUSE) } else { false }
    }

    /// The system's words for an error number, in lower case to stand within a sentence.
    static func reason(_ number: Int32) -> String {
        guard let text = strerror(number).map({ String(cString: $0) }) else { return "error \(number)" }
        return text.prefix(1).lowercased() + text.dropFirst()
    }

    /// The error a failed read or write stands for.
    static func transfer(call: String, errno number: Int32) -> SocketError {
        switch number {
        case ECONNRESET, EPIPE, ETIMEDOUT, ENOTCONN, EHOSTUNREACH, ENETUNREACH, ECONNABORTED: .peerGone
        default: .system(call: call, errno: number)
        }
    }
}

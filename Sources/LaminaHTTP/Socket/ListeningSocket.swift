import Glibc

/// A socket that accepts connections.
package final class ListeningSocket: Sendable {
    /// What a wait for a connection brought.
    package enum AcceptOutcome: Sendable {
        /// A connection.
        case connection(ConnectedSocket)
        /// No descriptor or memory is free for one more (EMFILE, ENFILE, ENOBUFS, ENOMEM): wait a little, then try again.
        case exhausted(reason: String)
        /// `interrupt` was called.
        case interrupted
    }

    /// Where it listens, with the port the system chose if port 0 was asked for.
    package let address: SocketAddress
    private let descriptor: Int32
    private let readiness: Readiness
    /// Removed when the socket is closed; nil for TCP.
    private let file: UnixSocketFile?

    /// Binds and listens.
    ///
    /// - Parameter backlog: connections the kernel holds until they are accepted.
    /// - Throws: `SocketError.cannotListen`.
    package init(_ endpoint: ListeningEndpoint, backlog: Int32 = 1024) throws(SocketError) {
        switch endpoint {
        case .internet(let host, let port):
            descriptor = try Self.openInternet(host: host, port: port, backlog: backlog)
            file = nil
            address = SocketAddress.local(of: descriptor) ?? .internet(host: host, port: port)
        case .unix(let path, let permissions):
            let file: UnixSocketFile
            (descriptor, file) = try Self.openUnix(path: path, permissions: permissions, backlog: backlog)
            self.file = file
            address = .unix(path: path)
        }
        readiness = Readiness(descriptor: descriptor)
        SocketOption.setNonBlocking(descriptor)
    }

    /// Listens on a TCP port.
    package convenience init(host: String, port: Int) throws(SocketError) {
        try self.init(.internet(host: host, port: port))
    }

    /// Waits for a connection. Throws `SocketError`: `cancelled`, `closed` or `system`.
    package func accept() async throws(SocketError) -> AcceptOutcome {
        while true {
            if let socket = acceptNow() { return .connection(socket) }
            let failure = errno
            switch failure {
            case EAGAIN: break
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(reason: SocketError.reason(failure))
            case EBADF, EINVAL, ENOTSOCK, EFAULT, EOPNOTSUPP: throw .system(call: "accept", errno: failure)
            // EINTR, ECONNABORTED and the network errors accept(2) passes on concern one connection only.
            default: continue
            }
            switch await readiness.wait(for: .read) {
            case .ready, .deadlinePassed: continue
            case .interrupted: return .interrupted
            case .cancelled: throw .cancelled
            case .closed: throw .closed
            }
        }
    }

    /// A connection that has been made already, or nil with `errno` saying why there is none.
    func acceptNow() -> ConnectedSocket? {
        var accepted: Int32 = -1
        return SocketAddress.withFilled { address, length in
            accepted = Glibc.accept(descriptor, address, length)
            return accepted
        } _: { address, length in
            guard file == nil else {
                return ConnectedSocket(descriptor: accepted, remoteAddress: Self.unixPeer(of: accepted), isTCP: false)
            }
            return ConnectedSocket(
                descriptor: accepted,
                remoteAddress: SocketAddress(address, length: length)?.description ?? "unknown",
                network: PeerNetwork(address))
        }
    }

    /// The process at the other end of a Unix-domain socket.
    private static func unixPeer(of descriptor: Int32) -> String {
        // `struct ucred` of unix(7): process, user, group.
        var credentials: (pid: pid_t, uid: uid_t, gid: gid_t) = (0, 0, 0)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0 else { return "unix" }
        return "unix:pid=\(credentials.pid),uid=\(credentials.uid)"
    }

    /// Ends the current or else the next wait of `accept`.
    package func interrupt() {
        readiness.interrupt(.read)
    }

    /// Closes the socket and removes its file. Not while `accept` runs: interrupt it first.
    package func close() {
        file?.remove()
        readiness.close()
    }
}

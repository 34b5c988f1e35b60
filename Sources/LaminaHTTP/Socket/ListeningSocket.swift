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

    /// Binds and listens.
    ///
    /// - Parameters:
    ///   - host: an IPv4 or IPv6 address or a host name; `::` also takes IPv4.
    ///   - port: 0 lets the system choose.
    ///   - backlog: connections the kernel holds until they are accepted.
    /// - Throws: `SocketError.cannotListen`.
    package init(host: String, port: Int, backlog: Int32 = 1024) throws(SocketError) {
        self.descriptor = try Self.bind(host: host, port: port, backlog: backlog)
        self.readiness = Readiness(descriptor: descriptor)
        SocketOption.setNonBlocking(descriptor)
        self.address = SocketAddress.local(of: descriptor) ?? SocketAddress(host: host, port: port)
    }

    /// Waits for a connection. Throws `SocketError`: `cancelled`, `closed` or `system`.
    package func accept() async throws(SocketError) -> AcceptOutcome {
        while true {
            var accepted: Int32 = -1
            let remote = SocketAddress.read { address, length in
                accepted = Glibc.accept(descriptor, address, length)
                return accepted
            }
            let failure = errno
            if accepted >= 0 {
                return .connection(
                    ConnectedSocket(descriptor: accepted, remoteAddress: remote?.description ?? "unknown"))
            }
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

    /// Ends the current or else the next wait of `accept`.
    package func interrupt() {
        readiness.interrupt(.read)
    }

    /// Closes the socket. Not while `accept` runs: interrupt it first.
    package func close() {
        readiness.close()
    }
}

// MARK: Binding

extension ListeningSocket {
    private static func bind(host: String, port: Int, backlog: Int32) throws(SocketError) -> Int32 {
        let address = SocketAddress.text(host: host, port: port)
        guard (0...65_535).contains(port) else {
            throw .cannotListen(
                address: address, reason: "a port is between 0 and 65535", advice: "choose another --port")
        }
        var hints = addrinfo()
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else {
            let reason = String(cString: gai_strerror(result))
            throw .cannotListen(address: address, reason: reason, advice: "choose another --host")
        }
        var failure: Int32 = EADDRNOTAVAIL
        var candidate = list
        while let info = candidate?.pointee {
            switch open(info, backlog: backlog) {
            case .success(let descriptor): return descriptor
            case .failure(let error): failure = error.number
            }
            candidate = info.ai_next
        }
        throw .cannotListen(address: address, reason: SocketError.reason(failure), advice: advice(failure))
    }

    private struct SystemError: Error {
        let number: Int32
    }

    private static func open(_ info: addrinfo, backlog: Int32) -> Result<Int32, SystemError> {
        let descriptor = socket(info.ai_family, info.ai_socktype, info.ai_protocol)
        guard descriptor >= 0 else { return .failure(SystemError(number: errno)) }
        SocketOption.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
        if info.ai_family == AF_INET6 { SocketOption.set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        guard Glibc.bind(descriptor, info.ai_addr, info.ai_addrlen) == 0, listen(descriptor, backlog) == 0 else {
            let number = errno
            _ = Glibc.close(descriptor)
            return .failure(SystemError(number: number))
        }
        return .success(descriptor)
    }

    private static func advice(_ number: Int32) -> String {
        switch number {
        case EACCES: "ports below 1024 need the capability NET_BIND_SERVICE; choose another --port"
        case EADDRNOTAVAIL: "this machine has no such address; choose another --host"
        case EAFNOSUPPORT: "this machine does not speak that address family; choose another --host"
        default: "choose another --port"
        }
    }
}

extension SocketAddress {
    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}

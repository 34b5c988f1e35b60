import Glibc

extension ConnectedSocket {
    /// Connects to a host, whose addresses race each other (`ConnectionRace`).
    ///
    /// - Throws: `SocketError`: `cannotConnect`, `timedOut` or `cancelled`.
    package static func connect(
        host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(SocketError) -> ConnectedSocket {
        let addresses = try await NameResolver.shared.addresses(host: host, port: port, until: deadline)
        var race = ConnectionRace(addresses, name: SocketAddress.text(host: host, port: port), until: deadline)
        return try await race.run()
    }

    /// Connects to one address.
    static func connect(
        _ address: ResolvedAddress, _ name: String, until deadline: ContinuousClock.Instant
    ) async throws(SocketError) -> ConnectedSocket {
        let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        let connection = ConnectedSocket(descriptor: descriptor, remoteAddress: name)
        let refusal = address.withSocketAddress { address, length in
            Glibc.connect(descriptor, address, length) == 0 ? nil : errno
        }
        do throws(SocketError) {
            var number = refusal ?? 0
            if number == EINPROGRESS { number = try await connection.outcomeOfConnecting(until: deadline) }
            guard number == 0 else { throw .cannotConnect(address: name, reason: SocketError.reason(number)) }
            return connection
        } catch {
            connection.close()
            throw error
        }
    }

    /// Waits until a connection is made or refused; 0 or the error number.
    private func outcomeOfConnecting(until deadline: ContinuousClock.Instant) async throws(SocketError) -> Int32 {
        switch await readiness.wait(for: .write, until: deadline) {
        case .ready, .interrupted: break
        case .deadlinePassed: throw .timedOut
        case .cancelled: throw .cancelled
        case .closed: throw .closed
        }
        var number: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length)
        return number
    }
}

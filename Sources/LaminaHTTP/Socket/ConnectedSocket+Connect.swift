import Dispatch
import Glibc

extension ConnectedSocket {
    /// Connects to a host, trying its addresses in turn. Each gets its share of the time, so that one which answers nothing
    /// leaves some for the others.
    ///
    /// - Throws: `SocketError`: `cannotConnect`, `timedOut` or `cancelled`.
    package static func connect(
        host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(SocketError) -> ConnectedSocket {
        let name = SocketAddress.text(host: host, port: port)
        var failure = SocketError.cannotConnect(address: name, reason: "the host has no address")
        let candidates = try await resolve(host: host, port: port)
        for (index, candidate) in candidates.enumerated() {
            let now = ContinuousClock.now
            let share = now.duration(to: deadline) / (candidates.count - index)
            do throws(SocketError) {
                return try await connect(candidate, name, until: now + share)
            } catch {
                failure = error
                if error == .cancelled { throw error }
            }
        }
        throw failure
    }

    /// The addresses of a host. The resolver blocks, so it runs on a thread of Dispatch, not on the tasks' own.
    private static func resolve(host: String, port: Int) async throws(SocketError) -> [Candidate] {
        let result = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { @Sendable in
                continuation.resume(
                    returning: Result { () throws(SocketError) in try candidates(host: host, port: port) })
            }
        }
        return try result.get()
    }

    private struct Candidate: Sendable {
        let family: Int32
        let address: [UInt8]
    }

    private static func candidates(host: String, port: Int) throws(SocketError) -> [Candidate] {
        var hints = addrinfo()
        hints.ai_flags = AI_NUMERICSERV
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else {
            throw .cannotConnect(
                address: SocketAddress.text(host: host, port: port), reason: String(cString: gai_strerror(result)))
        }
        var candidates: [Candidate] = []
        var next = list
        while let info = next?.pointee {
            let address = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            candidates.append(Candidate(family: info.ai_family, address: Array(address)))
            next = info.ai_next
        }
        return candidates
    }

    private static func connect(
        _ candidate: Candidate, _ name: String, until deadline: ContinuousClock.Instant
    ) async throws(SocketError) -> ConnectedSocket {
        let descriptor = socket(candidate.family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .system(call: "socket", errno: errno) }
        let connection = ConnectedSocket(descriptor: descriptor, remoteAddress: name)
        var number: Int32 = 0
        candidate.address.withUnsafeBytes { bytes in
            guard let address = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return }
            if Glibc.connect(descriptor, address, socklen_t(bytes.count)) != 0 { number = errno }
        }
        do throws(SocketError) {
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

import Glibc

/// An address a host name stands for, with the port: what `connect` takes.
struct ResolvedAddress: Sendable, Hashable, CustomStringConvertible {
    /// AF_INET or AF_INET6.
    let family: Int32
    /// The `sockaddr` of that family.
    let bytes: [UInt8]

    /// The numeric address as `address:port`.
    var description: String {
        withSocketAddress { address, length in SocketAddress(address, length: length)?.description } ?? "an address"
    }

    /// Asks the system's resolver, which blocks for as long as its own time-outs allow.
    static func lookUp(host: String, port: Int) -> Result<[ResolvedAddress], SocketError> {
        list(host: host, port: port, flags: AI_NUMERICSERV).mapError { failure in
            .cannotConnect(address: SocketAddress.text(host: host, port: port), reason: failure.reason)
        }
    }

    /// The address itself where the host is one, which needs no resolver; else nil.
    static func numeric(host: String, port: Int) -> ResolvedAddress? {
        guard case .success(let addresses) = list(host: host, port: port, flags: AI_NUMERICHOST | AI_NUMERICSERV)
        else { return nil }
        return addresses.first
    }

    func withSocketAddress<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value?) -> Value? {
        bytes.withUnsafeBytes { buffer in
            guard let address = buffer.baseAddress else { return nil }
            return body(address.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }

    /// Error of getaddrinfo.
    private struct LookUpFailure: Error {
        let code: Int32
        var reason: String { String(cString: gai_strerror(code)).lowercasedInitial }
    }

    private static func list(host: String, port: Int, flags: Int32) -> Result<[ResolvedAddress], LookUpFailure> {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, String(port), &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard result == 0 else { return .failure(LookUpFailure(code: result)) }
        var addresses: [ResolvedAddress] = []
        var next = list
        while let info = next?.pointee {
            let address = UnsafeRawBufferPointer(start: info.ai_addr, count: Int(info.ai_addrlen))
            addresses.append(ResolvedAddress(family: info.ai_family, bytes: Array(address)))
            next = info.ai_next
        }
        return .success(addresses)
    }
}

extension String {
    /// The text in lower case at its beginning, to stand within a sentence.
    fileprivate var lowercasedInitial: String { prefix(1).lowercased() + dropFirst() }
}

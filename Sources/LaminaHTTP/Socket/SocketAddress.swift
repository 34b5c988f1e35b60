import Glibc

/// The address of one end of a socket, as text.
package enum SocketAddress: Sendable, Equatable {
    /// An IP address without brackets and a port; an IPv4 address mapped into IPv6 is given as IPv4.
    case internet(host: String, port: Int)
    /// The path of a Unix-domain socket; empty where the socket has no name, as that of a client.
    case unix(path: String)

    /// The port; 0 for a Unix-domain socket.
    package var port: Int {
        switch self {
        case .internet(_, let port): port
        case .unix: 0
        }
    }

    /// Whether only this machine, or this pod, gets there over TCP.
    package var isLoopback: Bool {
        if case .internet(let host, _) = self { host.hasPrefix("127.") || host == "::1" } else { false }
    }

    /// `host:port`, IPv6 in brackets; `unix:path`.
    package var description: String {
        switch self {
        case .internet(let host, let port): Self.text(host: host, port: port)
        case .unix(let path): "unix:\(path)"
        }
    }

    /// The address of this end of a socket.
    static func local(of descriptor: Int32) -> SocketAddress? {
        read { getsockname(descriptor, $0, $1) }
    }

    /// Lets a system call fill an address and reads it; nil where the call fails.
    static func read(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32)
        -> SocketAddress?
    {
        withFilled(fill) { address, length in SocketAddress(address, length: length) } ?? nil
    }

    /// Lets a system call fill an address and hands it over; nil where the call fails.
    static func withFilled<Result>(
        _ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32,
        _ use: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                fill(address, &length) < 0 ? nil : use(UnsafePointer(address), length)
            }
        }
    }

    static func text(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        if address.pointee.sa_family == sa_family_t(AF_UNIX) {
            let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
            let path = UnsafeRawBufferPointer(start: address, count: Int(length)).dropFirst(start)
            self = .unix(path: String(decoding: path.prefix { $0 != 0 }, as: UTF8.self))
            return
        }
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 32)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let result = getnameinfo(
            address, length, &host, socklen_t(host.count), &service, socklen_t(service.count), flags)
        guard result == 0, let port = Int(Self.string(service)) else { return nil }
        let text = Self.string(host)
        let isMapped = text.hasPrefix("::ffff:") && text.contains(".")
        self = .internet(host: isMapped ? String(text.dropFirst(7)) : text, port: port)
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

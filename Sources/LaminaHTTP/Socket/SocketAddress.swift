import Glibc

/// A numeric socket address as text.
package struct SocketAddress: Sendable, Equatable {
    /// The IP address without brackets; an IPv4 address mapped into IPv6 is given as IPv4.
    package let host: String
    /// The port.
    package let port: Int

    /// `host:port`, IPv6 in brackets.
    package var description: String { Self.text(host: host, port: port) }

    /// The address of this end of a socket.
    static func local(of descriptor: Int32) -> SocketAddress? {
        read { getsockname(descriptor, $0, $1) }
    }

    /// Lets a system call fill an address and reads it; nil where the call fails.
    static func read(_ fill: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32)
        -> SocketAddress?
    {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                fill(address, &length) < 0 ? nil : SocketAddress(address, length: length)
            }
        }
    }

    static func text(host: String, port: Int) -> String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    init?(_ address: UnsafePointer<sockaddr>, length: socklen_t) {
        var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        var service = [CChar](repeating: 0, count: 32)
        let flags = NI_NUMERICHOST | NI_NUMERICSERV
        let result = getnameinfo(
            address, length, &host, socklen_t(host.count), &service, socklen_t(service.count), flags)
        guard result == 0, let port = Int(Self.string(service)) else { return nil }
        let text = Self.string(host)
        self.host = text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
        self.port = port
    }

    private static func string(_ characters: [CChar]) -> String {
        String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

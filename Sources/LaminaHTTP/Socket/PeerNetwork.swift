import Glibc

/// Whom a connection comes from, as far as limits per peer tell clients apart: an IPv4 address, or the /64 of an IPv6
/// address, within which anybody has as many addresses as they like.
package enum PeerNetwork: Sendable, Hashable {
    /// An IPv4 address, mapped into IPv6 or not, in the network's byte order.
    case ipv4(UInt32)
    /// The first half of an IPv6 address, in the network's byte order.
    case ipv6(UInt64)

    private static let mappedPrefix: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]

    /// Of an accepted address; nil for a Unix-domain socket, whose clients are all on this machine.
    init?(_ address: UnsafePointer<sockaddr>) {
        let raw = UnsafeRawPointer(address)
        switch Int32(address.pointee.sa_family) {
        case AF_INET: self = .ipv4(raw.load(as: sockaddr_in.self).sin_addr.s_addr)
        case AF_INET6:
            let bytes = withUnsafeBytes(of: raw.load(as: sockaddr_in6.self).sin6_addr) { Array($0) }
            self.init(ipv6: bytes)
        default: return nil
        }
    }

    /// Of the sixteen bytes of an IPv6 address.
    init(ipv6 bytes: [UInt8]) {
        if bytes.starts(with: Self.mappedPrefix) {
            self = .ipv4(bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self) })
        } else {
            self = .ipv6(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
        }
    }
}

import Glibc

extension AddressSet {
    /// The addresses of this machine's or container's interfaces now, loopback left out. None where they cannot be read.
    package static func ofThisHost() -> AddressSet {
        var first: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&first) == 0 else { return AddressSet() }
        defer { freeifaddrs(first) }
        var ranges: [IPPrefix] = []
        var next = first
        while let interface = next?.pointee {
            next = interface.ifa_next
            guard interface.ifa_flags & UInt32(IFF_LOOPBACK) == 0, let range = range(interface.ifa_addr) else {
                continue
            }
            ranges.append(range)
        }
        return AddressSet(ranges)
    }

    /// The address itself, without the zone of a link-local one; nil for other families.
    private static func range(_ address: UnsafePointer<sockaddr>?) -> IPPrefix? {
        guard let address else { return nil }
        let length: Int
        switch Int32(address.pointee.sa_family) {
        case AF_INET: length = MemoryLayout<sockaddr_in>.size
        case AF_INET6: length = MemoryLayout<sockaddr_in6>.size
        default: return nil
        }
        guard case .internet(let host, _)? = SocketAddress(address, length: socklen_t(length)) else { return nil }
        return IPPrefix(host.prefix { $0 != "%" })
    }
}

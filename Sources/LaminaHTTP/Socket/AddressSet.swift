/// Addresses that connections may come from: single ones, ranges such as 10.0.0.0/8, and Unix-domain sockets as a whole.
package struct AddressSet: Sendable, Equatable {
    private let ranges: [IPPrefix]
    private let hasUnixSockets: Bool

    /// Of nobody.
    package init() { self.init([IPPrefix]()) }

    init(_ ranges: [IPPrefix], hasUnixSockets: Bool = false) {
        self.ranges = ranges
        self.hasUnixSockets = hasUnixSockets
    }

    /// - Parameter texts: addresses, ranges, or `unix` for every client of a Unix-domain socket: its file says who may connect.
    /// - Throws: `AddressError` for the first that is none of these.
    package init(parsing texts: [String]) throws(AddressError) {
        var ranges: [IPPrefix] = []
        for text in texts where text != "unix" {
            guard let range = IPPrefix(text) else { throw .malformed(text) }
            ranges.append(range)
        }
        self.init(ranges, hasUnixSockets: texts.contains("unix"))
    }

    /// Whether it holds none.
    package var isEmpty: Bool { ranges.isEmpty && !hasUnixSockets }

    /// Whether a connection comes from one of them.
    /// - Parameter peer: its `remoteAddress`: `host:port`, IPv6 in brackets, or `unix:...`.
    package func contains(peer: String) -> Bool {
        if peer.hasPrefix("unix:") { return hasUnixSockets }
        guard !ranges.isEmpty, let colon = peer.lastIndex(of: ":") else { return false }
        var host = peer[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPPrefix(host) else { return false }
        return ranges.contains { $0.contains(address) }
    }
}

/// A text that is no address.
package enum AddressError: Error, Equatable, CustomStringConvertible {
    /// Neither an address, a range nor `unix`.
    case malformed(String)

    package var description: String {
        switch self {
        case .malformed(let text):
            "'\(text)' is no address; write one such as 10.1.2.3 or fd00::1, a range such as 10.0.0.0/8, or unix"
        }
    }
}

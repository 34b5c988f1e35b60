/// Where to listen.
package enum ListeningEndpoint: Sendable, Equatable {
    /// A TCP port.
    ///
    /// - host: an IPv4 or IPv6 address or a host name; `0.0.0.0` is every IPv4 interface, `::` every interface.
    /// - port: 0 lets the system choose.
    case internet(host: String, port: Int)
    /// A Unix-domain socket.
    ///
    /// - permissions: of the socket file; connecting needs the permission to write.
    case unix(path: String, permissions: UInt32)

    /// The TCP port, 0 for the system's choice; nil for a Unix-domain socket.
    package var port: Int? {
        if case .internet(_, let port) = self { port } else { nil }
    }
}

/// Where a server is: scheme, host and port (RFC 6454).
package struct HTTPOrigin: Sendable, Hashable, CustomStringConvertible {
    /// What is spoken there.
    package enum Scheme: String, Sendable, Hashable {
        /// Plain HTTP.
        case http
        /// HTTP over TLS.
        case https

        /// The port where a URL names none.
        var defaultPort: Int {
            switch self {
            case .http: 80
            case .https: 443
            }
        }
    }

    /// What is spoken there.
    package let scheme: Scheme
    /// A name or a numeric address, IPv6 without brackets.
    package let host: String
    /// 1 to 65535.
    package let port: Int

    /// `scheme://host:port`.
    package var description: String { "\(scheme.rawValue)://\(SocketAddress.text(host: host, port: port))" }

    /// The value of the Host field (RFC 9112 §3.2): the default port is left out.
    var authority: String {
        let text = SocketAddress.text(host: host, port: port)
        return port == scheme.defaultPort ? String(text.dropLast("\(port)".count + 1)) : text
    }
}

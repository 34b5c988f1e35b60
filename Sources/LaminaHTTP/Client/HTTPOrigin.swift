/// Where a server is: scheme, host and port (RFC 6454).
package struct HTTPOrigin: Sendable, Hashable, CustomStringConvertible {
    /// What is spoken there.
    package enum Scheme: String, Sendable, Hashable {
        /// Plain HTTP.
        case http

        /// The port where a URL names none.
        var defaultPort: Int {
            switch self {
            case .http: 80
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

/// A URL of the http scheme (RFC 9110 §4.2): an origin, and the path with the query.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// The server.
    package let origin: HTTPOrigin
    /// Path and query as they stand in a request line; begins with a slash.
    package let path: String

    /// The URL as it would be typed.
    package var description: String { "\(origin)\(path)" }

    /// A path on a server.
    package init(origin: HTTPOrigin, path: String) throws(HTTPClientError) {
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw .malformedURL("\(origin)\(path)") }
        self.origin = origin
        self.path = path
    }

    /// Takes a URL apart; an IPv6 address stands in brackets.
    ///
    /// - Throws: `HTTPClientError.malformedURL` or `.unsupportedScheme`.
    package init(_ text: String) throws(HTTPClientError) {
        guard let separator = text.firstRange(of: "://") else { throw .malformedURL(text) }
        let name = text[..<separator.lowerBound].lowercased()
        guard let scheme = HTTPOrigin.Scheme(rawValue: name) else { throw .unsupportedScheme(text) }
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let (host, port) = try Self.hostAndPort(rest[..<end], of: text)
        let remainder = rest[end...]
        do {
            try self.init(
                origin: HTTPOrigin(scheme: scheme, host: host, port: port ?? scheme.defaultPort),
                path: remainder.hasPrefix("/") ? String(remainder) : "/\(remainder)")
        } catch {
            throw .malformedURL(text)
        }
    }

    private static func hostAndPort(
        _ authority: Substring, of text: String
    ) throws(HTTPClientError) -> (String, Int?) {
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        let hostEnd = bracket.map { authority.index(after: $0) } ?? authority.firstIndex(of: ":") ?? authority.endIndex
        let isNumericV6 = bracket != nil
        let host = isNumericV6 ? authority[..<hostEnd].dropFirst().dropLast() : authority[..<hostEnd]
        let suffix = authority[hostEnd...]
        let isHost = host.utf8.allSatisfy {
            HTTPGrammar.isHostCharacter($0) && (isNumericV6 || $0 != UInt8(ascii: ":")) && $0 != UInt8(ascii: "[")
        }
        guard !host.isEmpty, isHost else { throw .malformedURL(text) }
        if suffix.isEmpty { return (String(host), nil) }
        guard suffix.first == ":", suffix.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(suffix.dropFirst()), (1...65_535).contains(port)
        else { throw .malformedURL(text) }
        return (String(host), port)
    }
}

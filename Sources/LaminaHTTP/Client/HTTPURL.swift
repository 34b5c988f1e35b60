/// A URL of the http or https scheme (RFC 9110 §4.2): an origin, and the path with the query.
package struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
    /// The server.
    package let origin: HTTPOrigin
    /// Path and query as they stand in a request line; begins with a slash.
    package let path: String

    /// The URL as it would be typed.
    package var description: String { "\(origin)\(path)" }

    /// The URL for error messages and logs: a query may hold a signature that lets anybody in.
    var withoutQuery: String {
        path.firstIndex(of: "?").map { "\(origin)\(path[..<$0])?..." } ?? description
    }

    /// The URL in a request to a proxy (RFC 9112 §3.2.2).
    var absoluteForm: String { "\(origin.scheme.rawValue)://\(origin.authority)\(path)" }

    /// A path on a server.
    package init(origin: HTTPOrigin, path: String) throws(HTTPClientError) {
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else { throw .malformedURL("\(origin)\(path)") }
        self.origin = origin
        self.path = path
    }

    /// Takes a URL apart; an IPv6 address stands in brackets. Names of hosts are taken in lower case, in which they are compared.
    ///
    /// - Throws: `HTTPClientError.malformedURL` or `.unsupportedScheme`.
    package init(_ text: String) throws(HTTPClientError) {
        guard let separator = text.firstRange(of: "://") else { throw .malformedURL(text) }
        let name = text[..<separator.lowerBound].lowercased()
        guard let scheme = HTTPOrigin.Scheme(rawValue: name) else { throw .unsupportedScheme(text) }
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        guard let (host, port) = Self.hostAndPort(rest[..<end]) else { throw .malformedURL(text) }
        let remainder = rest[end...]
        do {
            try self.init(
                origin: HTTPOrigin(scheme: scheme, host: host.lowercased(), port: port ?? scheme.defaultPort),
                path: remainder.hasPrefix("/") ? String(remainder) : "/\(remainder)")
        } catch {
            throw .malformedURL(text)
        }
    }

    /// Takes `host[:port]` apart, or returns nil. An IPv6 address stands in brackets.
    package static func hostAndPort(_ authority: Substring) -> (host: String, port: Int?)? {
        let bracket = authority.hasPrefix("[") ? authority.firstIndex(of: "]") : nil
        let hostEnd = bracket.map { authority.index(after: $0) } ?? authority.firstIndex(of: ":") ?? authority.endIndex
        let isNumericV6 = bracket != nil
        let host = isNumericV6 ? authority[..<hostEnd].dropFirst().dropLast() : authority[..<hostEnd]
        let suffix = authority[hostEnd...]
        let isHost = host.utf8.allSatisfy {
            HTTPGrammar.isHostCharacter($0) && (isNumericV6 || $0 != UInt8(ascii: ":")) && $0 != UInt8(ascii: "[")
        }
        guard !host.isEmpty, isHost else { return nil }
        if suffix.isEmpty { return (String(host), nil) }
        guard suffix.first == ":", suffix.dropFirst().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(suffix.dropFirst()), (1...65_535).contains(port)
        else { return nil }
        return (String(host), port)
    }
}

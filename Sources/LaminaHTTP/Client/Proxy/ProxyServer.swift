/// A proxy and what it asks for before it serves. Its description and reflection never show the password.
package struct ProxyServer: Sendable, Hashable, CustomStringConvertible, CustomReflectable {
    /// Where it is; https where the connection to the proxy itself is encrypted.
    package let origin: HTTPOrigin
    /// Value of the Proxy-Authorization field; nil where it needs none.
    let authorization: String?

    /// `scheme://host:port`.
    package var description: String { origin.description }

    /// What debuggers and `dump` show.
    package var customMirror: Mirror {
        Mirror(self, children: ["origin": origin, "authorization": authorization == nil ? "none" : "(hidden)"])
    }

    /// Takes `[scheme://][user[:password]@]host[:port][/]` apart. Without a scheme it is http; without a port, that of the
    /// scheme, as in Go (curl takes 1080). User and password may be percent-encoded.
    ///
    /// - Parameter name: what the text was given as, for the error, which must not repeat a password.
    /// - Throws: `HTTPClientError.malformedProxy`.
    package init(_ text: String, givenAs name: String) throws(HTTPClientError) {
        var rest = text[...]
        var scheme = HTTPOrigin.Scheme.http
        if let separator = rest.firstRange(of: "://") {
            let word = rest[..<separator.lowerBound].lowercased()
            guard let known = HTTPOrigin.Scheme(rawValue: word) else {
                throw .malformedProxy(setting: name, reason: "proxies of the kind '\(word)' are not supported")
            }
            scheme = known
            rest = rest[separator.upperBound...]
        }
        rest = rest.prefix { !"/?#".contains($0) }
        var authorization: String?
        if let at = rest.lastIndex(of: "@") {
            guard let decoded = PercentEncoding.decoded(rest[..<at]) else {
                throw .malformedProxy(setting: name, reason: "user or password is not percent-encoded as it should be")
            }
            // RFC 7617: user and password are always joined by a colon.
            let pair = decoded.contains(UInt8(ascii: ":")) ? decoded : decoded + [UInt8(ascii: ":")]
            authorization = "Basic \(Base64.encode(pair))"
            rest = rest[at...].dropFirst()
        }
        guard let (host, port) = HTTPURL.hostAndPort(rest) else {
            throw .malformedProxy(setting: name, reason: "it is not of the form http://[user:password@]host:port")
        }
        origin = HTTPOrigin(scheme: scheme, host: host.lowercased(), port: port ?? scheme.defaultPort)
        self.authorization = authorization
    }
}

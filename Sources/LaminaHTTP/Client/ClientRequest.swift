package import HTTPTypes

/// A request to be sent.
package struct ClientRequest: Sendable {
    /// GET, POST, ...
    package var method: HTTPRequest.Method
    /// Where to.
    package var url: HTTPURL
    /// Further header fields. Host, Content-Length, Transfer-Encoding, Connection and Proxy-Authorization are the client's own:
    /// they are replaced.
    package var headers: HTTPFields
    /// The body; nil where there is none.
    package var body: [UInt8]?
    /// Whether it may be sent again where a connection kept alive turns out to be closed before a byte of the answer came.
    /// True for methods that do no more the second time (RFC 9110 §9.2.2); a caller that knows better may say so.
    package var isRepeatable: Bool
    /// How long to wait; nil takes the client's own.
    package var timeouts: HTTPClientTimeouts?
    /// Whether redirects are followed. Where the method only asks (GET, HEAD), as is usual; otherwise never, unless the caller
    /// says so: the body would be sent again, to somebody else.
    package var redirects: RedirectPolicy
    /// Whether the client's proxies count. False reaches the server straight, as inside a mesh.
    package var usesProxies: Bool

    /// A request with these parts.
    package init(
        _ method: HTTPRequest.Method, _ url: HTTPURL, headers: HTTPFields = [:], body: [UInt8]? = nil,
        isRepeatable: Bool? = nil, timeouts: HTTPClientTimeouts? = nil, redirects: RedirectPolicy? = nil,
        usesProxies: Bool = true
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.isRepeatable = isRepeatable ?? [.get, .head, .options, .put, .delete, .trace].contains(method)
        self.timeouts = timeouts
        self.redirects = redirects ?? ([.get, .head].contains(method) ? .usual : .never)
        self.usesProxies = usesProxies
    }

    private static let ownedFields: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "proxy-authorization", "proxy-connection",
    ]

    /// Request line, fields, empty line and body (RFC 9112 §3).
    ///
    /// - Parameter proxy: the proxy that reads the request; nil where the server itself does, be it through a tunnel.
    func encoded(for proxy: ProxyServer? = nil) throws(HTTPClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(256 + (body?.count ?? 0))
        let target = proxy == nil ? url.path : url.absoluteForm
        bytes.append(contentsOf: "\(method.rawValue) \(target) HTTP/1.1\r\nHost: \(url.origin.authority)\r\n".utf8)
        if let authorization = proxy?.authorization {
            bytes.append(contentsOf: "Proxy-Authorization: \(authorization)\r\n".utf8)
        }
        for field in headers where !Self.ownedFields.contains(field.name.canonicalName) {
            let isValid = field.withUnsafeBytesOfValue { value in
                ResponseEncoder.append(name: field.name.rawName, value: value, to: &bytes)
            }
            guard isValid else { throw .malformedHeader(name: field.name.rawName) }
        }
        // RFC 9110 §8.6: methods that expect content say that there is none.
        if let length = body?.count ?? ([.post, .put, .patch].contains(method) ? 0 : nil) {
            bytes.append(contentsOf: "Content-Length: \(length)\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        bytes.append(contentsOf: body ?? [])
        return bytes
    }
}

/// How long a client waits.
package struct HTTPClientTimeouts: Sendable, Equatable {
    /// For a connection: resolving the name, a proxy's tunnel and the TLS handshake included.
    package var connect: Duration
    /// From the request's last byte to the head of the response.
    package var response: Duration
    /// Between two pieces of the body, and without progress while sending.
    package var idle: Duration
    /// From the beginning to the response's last byte, redirects included; nil allows any time.
    package var total: Duration?

    /// Time-outs that suit requests answered at once.
    package init(
        connect: Duration = .seconds(10), response: Duration = .seconds(60), idle: Duration = .seconds(60),
        total: Duration? = nil
    ) {
        self.connect = connect
        self.response = response
        self.idle = idle
        self.total = total
    }
}

package import HTTPTypes

/// Says of a request whose body is still to come whether it is read. Asked where the body may be large (over 64 KiB, or
/// chunked) or the client waits to be told (`Expect: 100-continue`).
///
/// Where it is not, the handler gets the request without a body, and must refuse it; the connection ends with the answer.
package typealias BodyAdmission = @Sendable (IncomingRequest) -> Bool

/// A request with its whole body, as a handler gets it.
package struct IncomingRequest: Sendable {
    /// Method, authority, target and fields. The Host field is `head.authority`, not among the fields.
    package var head: HTTPRequest
    /// The request target taken apart.
    package let target: RequestTarget
    /// What the `{name}` segments of the route matched, decoded.
    package var pathParameters: [String: String] = [:]
    /// The body, with the chunked coding taken off, and further in its content coding too.
    package var body: [UInt8]
    /// The peer as `address:port`.
    package let remoteAddress: String
    /// How the connection is encrypted; nil where it is not.
    package let security: TLSSecurity?
    /// When the first byte of the request was seen.
    package let receivedAt: ContinuousClock.Instant

    /// The path, percent-decoded; never with a `.` or `..` segment.
    package var path: String { target.path }
    /// What follows the '?', still encoded.
    package var query: String? { target.query }
    /// Whether it came over TLS.
    package var isSecure: Bool { security != nil }
    /// Who the client proved to be by a certificate; nil where it showed none.
    package var peerIdentity: PeerIdentity? { security?.peer }

    /// A request received from a connection.
    package init(
        head: HTTPRequest, target: RequestTarget, body: [UInt8], remoteAddress: String,
        security: TLSSecurity? = nil, receivedAt: ContinuousClock.Instant
    ) {
        self.head = head
        self.target = target
        self.body = body
        self.remoteAddress = remoteAddress
        self.security = security
        self.receivedAt = receivedAt
    }

    /// A request made without a connection, to call a router or a handler with. Throws where the target is malformed.
    package init(
        method: HTTPRequest.Method, target: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = []
    ) throws(RequestError) {
        let parsed = try RequestTarget(ArraySlice(target.utf8), method: method.rawValue)
        self.init(
            head: HTTPRequest(
                method: method, scheme: nil, authority: parsed.authority ?? "localhost", path: parsed.originForm,
                headerFields: fields),
            target: parsed, body: body, remoteAddress: "local", receivedAt: .now)
    }
}

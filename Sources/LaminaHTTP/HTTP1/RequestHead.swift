package import HTTPTypes

/// Where the body of a request ends (RFC 9112 §6.3).
package enum BodyFraming: Sendable, Equatable {
    /// No body follows.
    case none
    /// Exactly this many bytes, more than zero.
    case fixed(Int)
    /// Chunks up to one of size zero.
    case chunked
}

/// A request line with its header fields, validated.
package struct RequestHead: Sendable, Equatable {
    /// Method, authority (from the Host field or an absolute target), the target in origin form, and the other fields.
    package let request: HTTPRequest
    /// The target, decoded.
    package let target: RequestTarget
    /// The version of the request line.
    package let version: HTTPVersion
    /// Where the body ends.
    package let framing: BodyFraming
    /// Whether the client waits for `100 Continue` before it sends the body (never with HTTP/1.0).
    package let expectsContinue: Bool
    /// Whether the client is content to use the connection again (RFC 9112 §9.3).
    package let wantsKeepAlive: Bool
}

/// What the parser found in the bytes.
package enum RequestEvent: Sendable, Equatable {
    /// The head of a request; zero or more `body` follow, then one `end`.
    case head(RequestHead)
    /// A piece of the body with the chunked coding taken off, never empty.
    case body(ArraySlice<UInt8>)
    /// The request is complete.
    case end(trailers: HTTPFields)
}

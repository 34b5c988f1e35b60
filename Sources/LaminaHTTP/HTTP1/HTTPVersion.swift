/// The versions of HTTP/1 this server speaks; everything else is answered with 505.
package enum HTTPVersion: String, Sendable, Comparable {
    /// HTTP/1.0: no chunked coding, one request per connection unless the client asks for keep-alive.
    case http1_0 = "HTTP/1.0"
    /// HTTP/1.1 (RFC 9112).
    case http1_1 = "HTTP/1.1"

    /// Older versions are smaller.
    package static func < (left: HTTPVersion, right: HTTPVersion) -> Bool {
        left == .http1_0 && right == .http1_1
    }
}

import HTTPTypes
import LaminaHTTP

/// Fields that tell browsers and caches what not to do with an API's answers. docs/server.md has the reasons.
struct SecurityHeaders: Sendable {
    /// How long browsers use TLS only, once they have (RFC 6797).
    private static let strictTransportSecurity = Duration.seconds(365 * 86400)

    /// Adds the fields; a Cache-Control that a handler chose stays.
    /// - Parameter isSecure: over TLS; over plain HTTP `Strict-Transport-Security` must not be sent.
    func add(to headers: inout HTTPFields, isSecure: Bool = false) {
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        // Conversations are personal, and probes and metrics are only true now.
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if isSecure {
            headers[.strictTransportSecurity] = "max-age=\(Self.strictTransportSecurity.components.seconds)"
        }
    }

    /// A renderer whose answers have the fields too.
    func errorBody(_ render: @escaping ErrorBody.Renderer) -> ErrorBody.Renderer {
        { status, message in
            let body = render(status, message)
            var headers = body.headers
            add(to: &headers)
            return ErrorBody(contentType: body.contentType, bytes: body.bytes, headers: headers)
        }
    }
}

import HTTPTypes
import LaminaHTTP

/// Fields that tell browsers and caches what not to do with an API's answers. docs/server.md has the reasons.
struct SecurityHeaders: Sendable {
    /// How long browsers use TLS only (RFC 6797). To be set only where the server itself speaks TLS: over plain HTTP the field
    /// must not be sent.
    var strictTransportSecurity: Duration?

    /// Adds the fields; a Cache-Control that a handler chose stays.
    func add(to headers: inout HTTPFields) {
        headers[.xContentTypeOptions] = "nosniff"
        headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        // Conversations are personal, and probes and metrics are only true now.
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        if let strictTransportSecurity {
            headers[.strictTransportSecurity] = "max-age=\(strictTransportSecurity.components.seconds)"
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

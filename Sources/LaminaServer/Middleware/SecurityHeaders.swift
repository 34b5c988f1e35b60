import HTTPTypes
import LaminaHTTP

/// Fields that tell browsers and caches what not to do with an API's answers. docs/server.md has the reasons.
struct SecurityHeaders: Sendable {
    /// How long browsers use TLS only, once they have (RFC 6797).
    private static let strictTransportSecurity = Duration.seconds(365 * 86400)

    /// Made once: they are on every answer.
    private static let always = [
        HTTPField(name: .xContentTypeOptions, value: "nosniff"),
        HTTPField(name: .contentSecurityPolicy, value: "default-src 'none'; frame-ancestors 'none'"),
        // Conversations are personal, and probes and metrics are only true now.
        HTTPField(name: .cacheControl, value: "no-store"),
    ]
    private static let overTLS = HTTPField(
        name: .strictTransportSecurity, value: "max-age=\(strictTransportSecurity.components.seconds)")

    /// Adds the fields but those that a handler chose itself.
    /// - Parameter isSecure: over TLS; over plain HTTP `Strict-Transport-Security` must not be sent.
    func add(to headers: inout HTTPFields, isSecure: Bool = false) {
        for field in Self.always where !headers.contains(field.name) { headers.append(field) }
        if isSecure { headers.append(Self.overTLS) }
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

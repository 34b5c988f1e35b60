import HTTPTypes
import LaminaHTTP

/// The layer that answers the CORS protocol (WHATWG Fetch). Credentials in the browser's sense, cookies above all, are never
/// allowed: keys travel in fields that pages set themselves.
struct CORSHandler: Sendable {
    let policy: CORSPolicy
    let next: Router.Handler

    private static let methods = "GET, HEAD, POST, OPTIONS"
    /// `*` covers all but Authorization, which must be named.
    private static let requestFields = "Authorization, *"
    /// Fields of answers that pages may read, beyond those that are always readable.
    private static let responseFields = "x-request-id, traceparent, retry-after, www-authenticate, content-encoding"
    /// How long a browser may go without asking again: an origin taken off the list loses its way in after that time.
    private static let preflightSeconds = 600

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        let fields = request.head.headerFields
        guard let origin = fields[.origin] else { return await unrelated(request) }
        let allowed = policy.allowed(origin)
        if request.head.method == .options, fields[.accessControlRequestMethod] != nil {
            return preflight(origin, allowed)
        }
        var response = await unrelated(request)
        if let allowed {
            response.headers[.accessControlAllowOrigin] = allowed
            response.headers[.accessControlExposeHeaders] = Self.responseFields
        }
        return response
    }

    /// Answers as to anybody, but so that a cache does not hand it to a page of another origin.
    private func unrelated(_ request: IncomingRequest) async -> OutgoingResponse {
        var response = await next(request)
        if policy.isSelective { response.headers.vary(on: .origin) }
        return response
    }

    /// The browser's question whether a page may send the request it has in mind. It comes without a key.
    private func preflight(_ origin: String, _ allowed: String?) -> OutgoingResponse {
        var response =
            allowed == nil ? OutgoingResponse(.originNotAllowed(origin)) : OutgoingResponse(status: .noContent)
        if policy.isSelective { response.headers.vary(on: .origin) }
        guard let allowed else { return response }
        response.headers[.accessControlAllowOrigin] = allowed
        response.headers[.accessControlAllowMethods] = Self.methods
        response.headers[.accessControlAllowHeaders] = Self.requestFields
        response.headers[.accessControlMaxAge] = "\(Self.preflightSeconds)"
        return response
    }
}

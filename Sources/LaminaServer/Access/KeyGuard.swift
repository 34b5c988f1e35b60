import LaminaHTTP

/// The layer that lets only those who hold a key use what needs one.
struct KeyGuard: Sendable {
    let access: RouteAccess
    /// Tells which route a request is for.
    let router: Router
    let next: Router.Handler

    /// Whether the request may come further, told before there is a context for it.
    static func admits(_ request: IncomingRequest, access: RouteAccess, router: Router, keys: APIKeyStore) -> Bool {
        !access.needsKey(pattern: router.pattern(of: request)) || keys.name(for: request) != nil
    }

    /// Whose key it is has been found out before: it belongs to the request's context.
    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        let pattern = router.pattern(of: request)
        guard access.needsKey(pattern: pattern), RequestContext.current?.caller.keyName == nil else {
            return await next(request)
        }
        // The same answer for no key, a wrong one and one that is no longer valid.
        var response = OutgoingResponse(.invalidKey)
        response.route = pattern
        return response
    }
}

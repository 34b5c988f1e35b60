import LaminaHTTP
import Logging

/// The layer that lets only those clients use a route who may, by who they proved to be.
///
/// Certificates were verified before, in our handshake or a proxy's. Who may not gets an answer that says so, rather than a connection
/// that ends.
struct IdentityGuard: Sendable {
    let policies: IdentityPolicyStore
    let access: RouteAccess
    let metrics: CallerMetrics
    /// Tells which route a request is for.
    let router: Router
    let next: Router.Handler

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        let caller = RequestContext.current?.caller ?? Caller()
        if let fault = caller.fault { return refuse(request, fault) }
        let policy = policies.policy
        guard !policy.isEmpty else { return await next(request) }
        let pattern = router.pattern(of: request)
        let isAdmitted =
            access.isProbe(pattern: pattern)
            || policy.admits(caller.identity, pattern: pattern, isOpen: !access.needsKey(pattern: pattern))
        return isAdmitted ? await next(request) : refuse(request, .identityNotAllowed(caller.identity?.name))
    }

    private func refuse(_ request: IncomingRequest, _ error: APIError) -> OutgoingResponse {
        let pattern = router.pattern(of: request)
        metrics.refused(route: pattern)
        RequestContext.current?.logger.notice(
            "a caller is refused", metadata: ["path": "\(request.path)", "reason": "\(error.message)"])
        var response = OutgoingResponse(error)
        response.route = pattern
        return response
    }
}

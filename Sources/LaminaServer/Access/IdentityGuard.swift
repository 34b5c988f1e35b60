import LaminaHTTP

/// The layer that lets only clients with certain certificates use what is not open to everybody.
///
/// The certificate itself was verified in the handshake. Who is not on the list gets an answer that says so, rather than a
/// connection that ends.
struct IdentityGuard: Sendable {
    let allowed: [IdentityPattern]
    let access: RouteAccess
    /// Tells which route a request is for.
    let router: Router
    let next: Router.Handler

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        let pattern = router.pattern(of: request)
        guard access.needsKey(pattern: pattern), !isAllowed(request.peerIdentity) else { return await next(request) }
        var response = OutgoingResponse(.identityNotAllowed(request.peerIdentity?.name))
        response.route = pattern
        return response
    }

    private func isAllowed(_ peer: PeerIdentity?) -> Bool {
        guard let peer else { return false }
        return allowed.contains { $0.matches(peer) }
    }
}

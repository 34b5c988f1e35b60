import HTTPTypes
import LaminaHTTP

/// The layer that counts requests for text by their callers, and lets in what their limits allow.
struct CallerLimitGuard: Sendable {
    let accounts: CallerAccounts
    /// Tells which route a request is for.
    let router: Router
    let next: Router.Handler

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        let pattern = router.pattern(of: request)
        guard request.head.method == .post, RouteGroup(pattern: pattern) == .inference else {
            return await next(request)
        }
        do throws(CallerRefusal) {
            let visit = try accounts.admit(RequestContext.current?.caller.account ?? .anonymous)
            var response = await CallerVisit.$current.withValue(visit) { await next(request) }
            for field in visit.fields { response.headers[field.name] = field.value }
            return response
        } catch {
            var response = error.response
            response.route = pattern
            return response
        }
    }
}

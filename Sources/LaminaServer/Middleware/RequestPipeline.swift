import LaminaHTTP
import LaminaTelemetry
import Logging

/// What a request passes on its way to its route and its answer on the way back, put together once.
struct RequestPipeline: Sendable {
    /// Answers requests.
    let handler: Router.Handler
    /// Renders the errors that the HTTP server answers without a handler.
    let errorBody: ErrorBody.Renderer
    /// Answers what the HTTP server refuses.
    let refusal: Refusal.Renderer

    /// Outermost first: context, with who asks, and log line; security headers; CORS, since browsers send preflights without a key; who
    /// may use the route; API keys; the caller's limits; codings, since nothing is expanded for strangers; the router.
    init(
        _ configuration: ServerConfiguration, router: Router, callers: CallerServices, tracer: Tracer? = nil,
        logger: Logger
    ) {
        let securityHeaders = SecurityHeaders()
        errorBody = securityHeaders.errorBody(APIError.body)
        let codings = ContentCodingHandler(
            compression: configuration.compression, bodyLimitBytes: configuration.http.limits.bodyBytes,
            errorBody: APIError.body, next: { await router.respond(to: $0) })
        var next: Router.Handler = { await codings.respond(to: $0) }
        let limits = CallerLimitGuard(
            accounts: CallerAccounts(limits: configuration.callerLimits, metrics: callers.metrics), router: router,
            next: next)
        next = { await limits.respond(to: $0) }
        if callers.keys != nil {
            let keyGuard = KeyGuard(access: configuration.access, router: router, next: next)
            next = { await keyGuard.respond(to: $0) }
        }
        let identityGuard = IdentityGuard(
            policies: callers.policies, access: configuration.access, metrics: callers.metrics, router: router,
            next: next)
        next = { await identityGuard.respond(to: $0) }
        if let policy = configuration.cors {
            let cors = CORSHandler(policy: policy, next: next)
            next = { await cors.respond(to: $0) }
        }
        let scope = RequestScope(
            identification: CallerIdentification(
                callers, proxies: configuration.trustedProxies, gateways: configuration.trustedGateways),
            logger: logger, tracer: tracer,
            next: { [next] request in
                var response = await next(request)
                securityHeaders.add(to: &response.headers, isSecure: request.isSecure)
                return response
            })
        handler = { await scope.respond(to: $0) }
        refusal = { refused in
            var response = scope.refuse(refused)
            securityHeaders.add(to: &response.headers)
            return response
        }
    }
}

import LaminaHTTP
import LaminaTelemetry
import Logging

/// What a request passes on its way to its route and its answer on the way back, put together once.
struct RequestPipeline: Sendable {
    /// Answers requests.
    let handler: Router.Handler
    /// Has bodies left unread that strangers send; nil where nobody needs a key.
    let admitsBody: BodyAdmission?
    /// Renders the errors that the HTTP server answers without a handler.
    let errorBody: ErrorBody.Renderer
    /// Answers what the HTTP server refuses.
    let refusal: Refusal.Renderer

    /// Outermost first: context, with who asks, and log line; security headers; CORS, since browsers send preflights without a key; who
    /// may use the route; API keys; the load's report; the caller's limits; codings, since nothing is expanded for strangers; the router.
    init(
        _ configuration: ServerConfiguration, router: Router, callers: CallerServices, traffic: MeshTraffic? = nil,
        tracer: Tracer? = nil, logger: Logger
    ) {
        let securityHeaders = SecurityHeaders()
        admitsBody = callers.keys.map { keys in
            let access = configuration.access
            return { request in KeyGuard.admits(request, access: access, router: router, keys: keys) }
        }
        errorBody = securityHeaders.errorBody(APIError.body)
        let codings = ContentCodingHandler(
            compression: configuration.compression, bodyLimitBytes: configuration.http.limits.bodyBytes,
            errorBody: APIError.body, next: { await router.respond(to: $0) })
        var next: Router.Handler = { await codings.respond(to: $0) }
        let limits = CallerLimitGuard(
            accounts: CallerAccounts(limits: configuration.callerLimits, metrics: callers.metrics), router: router,
            next: next)
        next = { await limits.respond(to: $0) }
        // Behind the guards: strangers are not told the load.
        if let traffic { next = { [next] in await traffic.respond(to: $0, next) } }
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

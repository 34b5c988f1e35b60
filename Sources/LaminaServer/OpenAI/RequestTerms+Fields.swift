import HTTPTypes
import LaminaEngine
import LaminaHTTP

extension RequestTerms {
    /// What a request says about its tenant, urgency and deadline.
    ///
    /// The tenant is the caller's account, the body's `user` only where nothing is known of the caller. An objective that a gateway
    /// names counts before the body's `priority`. The deadline counts from the first byte of the request, and the earliest of the client's,
    /// the proxy's and the server's own counts.
    /// - Throws: `APIError` 400 that names the header.
    init(
        _ request: IncomingRequest, _ parameters: GenerationParameters, caller: Caller = Caller(), timeout: Duration?
    ) throws(APIError) {
        let fields = request.head.headerFields
        var least = timeout
        func limit(to other: Duration?) { if let other { least = min(least ?? other, other) } }
        limit(to: try Self.timeout(fields))
        // Envoy's is a hint, which clients can forge: it only ever shortens, and what is malformed says nothing.
        limit(to: fields[.envoyExpectedTimeout].flatMap(Self.milliseconds))
        self.init(
            tenant: caller.account.tenant(user: parameters.user),
            priority: caller.gateway.priority ?? parameters.priority,
            deadline: least.map { request.receivedAt.advanced(by: $0) }, cacheSalt: parameters.cacheSalt)
    }

    private static func timeout(_ fields: HTTPFields) throws(APIError) -> Duration? {
        guard let text = fields[.requestTimeout] else { return nil }
        guard let duration = milliseconds(text) else {
            throw .invalid(
                "'\(HTTPField.Name.requestTimeout)' must be 1 to \(OpenAILimits.timeoutMilliseconds) milliseconds",
                parameter: HTTPField.Name.requestTimeout.rawName)
        }
        return duration
    }

    private static func milliseconds(_ text: String) -> Duration? {
        guard let number = Int(text), (1...OpenAILimits.timeoutMilliseconds).contains(number) else { return nil }
        return .milliseconds(number)
    }
}

extension HTTPField.Name {
    /// Milliseconds a client waits for its answer, in the queue and while it is generated.
    static let requestTimeout = known("X-Request-Timeout-Ms")
    /// Milliseconds after which an Envoy before us gives up.
    static let envoyExpectedTimeout = known("x-envoy-expected-rq-timeout-ms")
    /// Tells Envoy not to retry, whatever its policy, but one for rate limits.
    static let envoyRateLimited = known("x-envoy-ratelimited")
    /// Tells OpenAI's and Anthropic's clients whether to retry.
    static let shouldRetry = known("x-should-retry")
}

import HTTPTypes
import LaminaHTTP

/// A request that is not let in because its caller is over a limit.
struct CallerRefusal: Error, Equatable {
    let limit: CallerLimits.Kind
    /// How much of it is allowed.
    let allowed: Int
    /// When it may be worth trying again.
    let retryAfter: Duration
    let standing: CallerStanding

    /// 429, with what clients and Envoy need to know when to come again, and not to try elsewhere before.
    var response: OutgoingResponse {
        let seconds = max(1, Int((retryAfter / .seconds(1)).rounded(.up)))
        var response = OutgoingResponse(
            APIError(
                status: 429, kind: .rateLimit,
                message: "this caller's limit of \(allowed) \(limit.unit) is reached; try again in \(seconds) s",
                code: "rate_limit_exceeded"))
        response.headers[.retryAfter] = "\(seconds)"
        for field in standing.fields { response.headers[field.name] = field.value }
        return response
    }
}

extension CallerLimits.Kind {
    fileprivate var unit: String {
        switch self {
        case .requests: "requests per minute"
        case .tokens: "tokens per minute"
        case .concurrency: "requests at the same time"
        }
    }
}

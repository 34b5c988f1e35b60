/// Routes that policies name together.
enum RouteGroup: String, CaseIterable, Sendable {
    /// What computes text.
    case inference
    /// What tells which models there are.
    case models
    /// What Prometheus reads.
    case metrics

    /// The group of a route; nil for one that is in none, and for a path that has none.
    init?(pattern: String?) {
        switch pattern {
        case "/metrics"?: self = .metrics
        case "/v1/models"?, "/v1/models/{id}"?: self = .models
        case let pattern? where pattern.hasPrefix("/v1/"): self = .inference
        default: return nil
        }
    }
}

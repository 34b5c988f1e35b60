package import LaminaTelemetry

/// Who asks for text, and what was done about who is not to.
package struct CallerMetrics: Sendable {
    /// What became of a field in which a proxy names its client.
    enum Forwarding: String, CaseIterable {
        /// It says who the client is.
        case accepted
        /// It came from nobody who is trusted with it, or is not the field that counts.
        case ignored
        /// It came from a trusted proxy and cannot be read.
        case malformed
    }

    /// Callers that have series of their own; what exceeds them counts as `other`.
    package static let maximumCallers = 100

    private let requests: MetricFamily<Counter>
    private let promptTokens: MetricFamily<Counter>
    private let generationTokens: MetricFamily<Counter>
    private let limitedRequests: MetricFamily<Counter>
    private let refusedRequests: MetricFamily<Counter>
    private let forwardedFields: MetricFamily<Counter>
    private let ignoredTerms: MetricFamily<Counter>

    /// Registers the metrics.
    /// - Parameter maximumCallers: series of each metric that is told apart by caller.
    /// - Throws: `MetricError` where a name is taken.
    package init(_ registry: MetricsRegistry, maximumCallers: Int = Self.maximumCallers) throws {
        requests = try registry.counter(
            "lamina_caller_requests_total", help: "Requests for text that were let in, by caller.", labels: ["caller"],
            maximumSeries: maximumCallers)
        promptTokens = try registry.counter(
            "lamina_caller_prompt_tokens_total",
            help: "Tokens of prompts that were taken, cached ones included, by caller.",
            labels: ["caller"], maximumSeries: maximumCallers)
        generationTokens = try registry.counter(
            "lamina_caller_generation_tokens_total", help: "Tokens generated, by caller.", labels: ["caller"],
            maximumSeries: maximumCallers)
        limitedRequests = try registry.counter(
            "lamina_rate_limited_requests_total",
            help: "Requests refused because their caller is over a limit, by limit.",
            labels: ["limit"])
        refusedRequests = try registry.counter(
            "lamina_identity_refusals_total", help: "Requests refused because of who asked, by route.",
            labels: ["route"])
        forwardedFields = try registry.counter(
            "lamina_forwarded_identities_total",
            help:
                "Fields in which a proxy names its client: accepted, ignored (not from a trusted proxy), or malformed.",
            labels: ["field", "result"])
        ignoredTerms = try registry.counter(
            "lamina_gateway_fields_ignored_total",
            help: "Fields of an inference gateway that did not come from a trusted one.", labels: ["field"])
        for limit in CallerLimits.Kind.allCases { _ = limitedRequests.with(limit.rawValue) }
        for field in TrustedProxies.Field.allCases {
            for result in Forwarding.allCases { _ = forwardedFields.with(field.rawValue, result.rawValue) }
        }
        for field in GatewayField.allCases { _ = ignoredTerms.with(field.rawValue) }
    }

    func letIn(_ caller: CallerAccount) { requests.with(caller.description).increment() }

    func took(promptTokens count: Int, of caller: CallerAccount) {
        promptTokens.with(caller.description).increment(by: count)
    }

    func generated(_ count: Int, for caller: CallerAccount) {
        generationTokens.with(caller.description).increment(by: count)
    }

    func limited(_ limit: CallerLimits.Kind) { limitedRequests.with(limit.rawValue).increment() }

    /// - Parameter route: a pattern, so that paths that clients invent make no series.
    func refused(route: String?) { refusedRequests.with(route ?? "other").increment() }

    func forwarded(_ field: TrustedProxies.Field, _ result: Forwarding) {
        forwardedFields.with(field.rawValue, result.rawValue).increment()
    }

    func ignored(_ field: GatewayField) { ignoredTerms.with(field.rawValue).increment() }
}

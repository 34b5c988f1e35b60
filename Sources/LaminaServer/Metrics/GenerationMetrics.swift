import LaminaEngine
package import LaminaTelemetry

/// What requests for text are measured by.
package struct GenerationMetrics: Sendable {
    let timeToFirstToken: Histogram
    let interTokenLatency: Histogram
    private let duration: Histogram
    private let promptTokens: Histogram
    private let completionTokens: Histogram

    /// Registers the metrics.
    /// - Throws: `MetricError` where a name is taken.
    package init(_ registry: MetricsRegistry) throws {
        timeToFirstToken = try registry.histogram(
            "lamina_time_to_first_token_seconds", help: "From a request's submission to its first token.",
            buckets: MetricBuckets.timeToFirstToken)
        interTokenLatency = try registry.histogram(
            "lamina_inter_token_latency_seconds", help: "Between two tokens of one sequence.",
            buckets: MetricBuckets.interToken)
        duration = try registry.histogram(
            "lamina_request_duration_seconds", help: "From a request's submission to its last token.",
            buckets: MetricBuckets.request)
        promptTokens = try registry.histogram(
            "lamina_request_prompt_tokens", help: "Tokens of the prompt of each finished request.",
            buckets: MetricBuckets.tokens)
        completionTokens = try registry.histogram(
            "lamina_request_generation_tokens", help: "Tokens generated for each finished request.",
            buckets: MetricBuckets.tokens)
    }

    func finished(_ summary: TextGeneration.Summary, duration elapsed: Duration, traceID: TraceID?) {
        duration.observe(elapsed, traceID: traceID)
        promptTokens.observe(Double(summary.promptTokens))
        completionTokens.observe(Double(summary.completionTokens))
    }
}

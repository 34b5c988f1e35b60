package import LaminaEngine
package import LaminaTelemetry

/// The engine's state and work, from its step reports.
package struct EngineMetrics: Sendable {
    let running: Gauge
    let waiting: Gauge
    private let waitingTenants: Gauge
    let cacheUsage: Gauge
    private let promptTokens: Counter
    private let generationTokens: Counter
    private let preemptions: Counter
    private let recomputedTokens: Counter
    private let expired: MetricFamily<Counter>
    private let cacheQueries: Counter
    private let cacheHits: Counter
    private let finished: MetricFamily<Counter>
    private let rejected: MetricFamily<Counter>
    private let queueTime: Histogram
    private let steps: Counter
    private let stepSeconds: Counter
    private let stepTokens: Histogram

    /// Registers the metrics.
    /// - Throws: `MetricError` where a name is taken.
    package init(_ registry: MetricsRegistry) throws {
        running = try registry.gauge("lamina_requests_running", help: "Sequences being computed.")
        waiting = try registry.gauge("lamina_requests_waiting", help: "Requests waiting for a place in the batch.")
        waitingTenants = try registry.gauge(
            "lamina_waiting_tenants", help: "Tenants that have requests waiting.")
        cacheUsage = try registry.gauge(
            "lamina_kv_cache_usage_ratio", help: "Share of the KV cache's blocks held by sequences, 0 to 1.")
        promptTokens = try registry.counter("lamina_prompt_tokens_total", help: "Prompt tokens computed.")
        generationTokens = try registry.counter("lamina_generation_tokens_total", help: "Tokens generated.")
        preemptions = try registry.counter(
            "lamina_preemptions_total", help: "Sequences that gave their cache blocks back for others to advance.")
        recomputedTokens = try registry.counter(
            "lamina_recomputed_tokens_total", help: "Tokens computed again after a preemption.")
        expired = try registry.counter(
            "lamina_deadlines_exceeded_total",
            help: "Requests whose deadline passed before they were taken, while they waited, or while they ran.",
            labels: ["stage"])
        cacheQueries = try registry.counter(
            "lamina_prefix_cache_queries_total", help: "Prompt tokens looked up in the prefix cache.")
        cacheHits = try registry.counter(
            "lamina_prefix_cache_hits_total", help: "Prompt tokens found in the prefix cache, and not computed again.")
        finished = try registry.counter(
            "lamina_requests_finished_total", help: "Sequences that ended, by reason.", labels: ["reason"])
        rejected = try registry.counter(
            "lamina_requests_rejected_total", help: "Requests that were not taken, by reason.", labels: ["reason"])
        queueTime = try registry.histogram(
            "lamina_request_queue_time_seconds", help: "From a request's submission to its place in the batch.",
            buckets: MetricBuckets.request)
        steps = try registry.counter("lamina_engine_steps_total", help: "Steps computed.")
        stepSeconds = try registry.counter("lamina_engine_busy_seconds_total", help: "Time spent computing steps.")
        stepTokens = try registry.histogram(
            "lamina_engine_step_tokens", help: "Tokens computed in each step.",
            buckets: MetricBuckets.stepTokens)
        // Present from the first scrape on, so that rates of rare reasons are right.
        for reason in FinishReason.allCases { _ = finished.with(reason.rawValue) }
        for reason in Rejection.allCases { _ = rejected.with(reason.rawValue) }
        for stage in Stage.allCases { _ = expired.with(stage.rawValue) }
    }

    /// Takes in a step.
    package func observe(_ report: StepReport) {
        running.set(report.runningSequences)
        waiting.set(report.waitingSequences)
        waitingTenants.set(report.waitingTenants)
        cacheUsage.set(Double(report.blockCount - report.freeBlocks) / Double(max(1, report.blockCount)))
        promptTokens.increment(by: report.promptTokens)
        generationTokens.increment(by: report.generatedTokens)
        preemptions.increment(by: report.preemptions)
        recomputedTokens.increment(by: report.recomputedTokens)
        expired.with(Stage.waiting.rawValue).increment(by: report.expiredWaiting)
        expired.with(Stage.running.rawValue).increment(
            by: report.finished[.deadline, default: 0] - report.expiredWaiting)
        cacheQueries.increment(by: report.lookedUpTokens)
        cacheHits.increment(by: report.cachedTokens)
        for (reason, count) in report.finished { finished.with(reason.rawValue).increment(by: count) }
        for wait in report.queueWaits { queueTime.observe(wait) }
        guard report.stepDuration > .zero else { return }
        steps.increment()
        stepSeconds.increment(by: report.stepDuration / .seconds(1))
        stepTokens.observe(Double(report.computedTokens))
    }

    /// Counts a request the engine did not take.
    func observe(_ refusal: EngineRefusal) {
        rejected.with(Rejection(refusal).rawValue).increment()
        if refusal == .deadlinePassed { expired.with(Stage.submission.rawValue).increment() }
    }

    /// Where a request was when its deadline passed.
    private enum Stage: String, CaseIterable {
        case submission, waiting, running
    }

    private enum Rejection: String, CaseIterable {
        case invalidPrompt = "invalid_prompt"
        case promptTooLong = "prompt_too_long"
        case queueFull = "queue_full"
        case tenantQueueFull = "tenant_queue_full"
        case deadline
        case stopping

        init(_ refusal: EngineRefusal) {
            switch refusal {
            case .emptyPrompt, .unknownToken: self = .invalidPrompt
            case .promptTooLong: self = .promptTooLong
            case .queueFull: self = .queueFull
            case .tenantQueueFull: self = .tenantQueueFull
            case .deadlinePassed: self = .deadline
            case .stopping: self = .stopping
            }
        }
    }
}

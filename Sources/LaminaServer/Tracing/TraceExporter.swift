import LaminaHTTP
import LaminaTelemetry
import Logging

/// Sends the spans that wait, batch by batch, beside everything else; requests never wait for it.
struct TraceExporter: Sendable {
    let queue: SpanQueue
    let encoder: OTLPTraceEncoder
    let client: OTLPClient
    let scheduleDelay: Duration
    let exportTimeout: Duration
    let retry: RetryPolicy
    let metrics: TraceMetrics
    let logger: Logger
    private let failures = LogThrottle(interval: TracingLimits.logInterval)

    init(
        _ configuration: TracingConfiguration, queue: SpanQueue, client: OTLPClient, metrics: TraceMetrics,
        logger: Logger
    ) {
        self.queue = queue
        self.client = client
        self.metrics = metrics
        self.logger = logger
        encoder = OTLPTraceEncoder(
            resource: configuration.resource, scope: (name: "lamina-llm-serve", version: BuildInfo.version))
        scheduleDelay = configuration.scheduleDelay
        exportTimeout = configuration.exportTimeout
        retry = configuration.retry
    }

    /// Exports until the queue is closed and empty, or the task is cancelled. Then nothing waits any more.
    func run() async {
        await withTaskGroup { group in
            group.addTask {
                while (try? await Task.sleep(for: scheduleDelay)) != nil { queue.wakeUp() }
            }
            for await _ in queue.wakeUps { await exportAll() }
            await exportAll()
            group.cancelAll()
        }
        let left = queue.count
        guard left > 0 else { return }
        metrics.dropped.increment(by: left)
        logger.warning("spans were left behind", metadata: ["spans": .stringConvertible(left)])
    }

    private func exportAll() async {
        while !Task.isCancelled {
            let batch = queue.take()
            guard !batch.isEmpty else { return }
            let pause = await export(batch)
            try? await Task.sleep(for: pause)
        }
    }

    /// Sends a batch, again and again if need be, until it is taken, refused, or its time is over.
    ///
    /// - Returns: how long the collector is not to be asked for more.
    private func export(_ batch: [FinishedSpan]) async -> Duration {
        let body = encoder.encode(batch)
        let deadline = ContinuousClock.now + exportTimeout
        var attempts = 0
        while true {
            attempts += 1
            switch await client.send(body) {
            case .accepted(let rejected, let message):
                taken(batch.count, rejected: min(rejected, batch.count), message)
                return .zero
            case .refused(let reason):
                failed(batch.count, reason)
                return .zero
            case .postponed(let reason, let asked):
                let retryAfter = asked.map { min($0, retry.longestRetryAfter) }
                let delay = retryAfter ?? retry.delay(afterFailures: attempts)
                let isHopeful = attempts < retry.attempts && .now + delay < deadline
                guard isHopeful, (try? await Task.sleep(for: delay)) != nil else {
                    failed(batch.count, reason)
                    return retryAfter ?? .zero
                }
            }
        }
    }

    private func taken(_ count: Int, rejected: Int, _ message: String?) {
        metrics.exported.increment(by: count - rejected)
        if rejected > 0 {
            failed(rejected, message ?? "the collector does not say why")
        } else if let message {
            warn("the collector has a remark", message, spans: count)
        }
    }

    private func failed(_ count: Int, _ reason: String) {
        metrics.failed.increment(by: count)
        warn("spans could not be exported", reason, spans: count)
    }

    private func warn(_ event: Logger.Message, _ reason: String, spans: Int) {
        guard let silenced = failures.admit(at: .now) else { return }
        logger.warning(
            event,
            metadata: [
                "reason": "\(reason)", "spans": .stringConvertible(spans), "silenced": .stringConvertible(silenced),
            ])
    }
}

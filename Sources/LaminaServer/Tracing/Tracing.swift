import LaminaTelemetry
import Logging

/// The recording of traces, where it is asked for: a tracer that fills a queue, and an exporter that empties it.
struct Tracing: Sendable {
    /// Begins spans; nil where none are recorded.
    let tracer: Tracer?
    private let queue: SpanQueue?
    private let exporter: TraceExporter?
    private let flushTimeout: Duration

    /// - Parameter configuration: nil records nothing. Nor does one whose certificates cannot be used, which the log tells: no server
    ///   stays down because of its traces.
    /// - Throws: `MetricError` where a name is taken.
    init(_ configuration: TracingConfiguration?, registry: MetricsRegistry, logger: Logger) throws(MetricError) {
        flushTimeout = configuration?.flushTimeout ?? .zero
        guard let configuration, let client = Self.client(configuration, logger) else {
            (tracer, queue, exporter) = (nil, nil, nil)
            return
        }
        let queue = SpanQueue(capacity: configuration.queueSize, batchSize: configuration.batchSize)
        let metrics = try TraceMetrics(registry, queue: queue)
        self.queue = queue
        tracer = Tracer(sampler: configuration.sampler) { span in
            if !queue.add(span) { metrics.dropped.increment() }
        }
        exporter = TraceExporter(configuration, queue: queue, client: client, metrics: metrics, logger: logger)
    }

    private static func client(_ configuration: TracingConfiguration, _ logger: Logger) -> OTLPClient? {
        do {
            return try OTLPClient(configuration)
        } catch {
            logger.warning("traces are not exported", metadata: ["reason": "\(error)"])
            return nil
        }
    }

    /// Exports while `work` runs, and when it has ended what is left, for a few seconds at most.
    ///
    /// - Parameter isReachable: returns when requests to other hosts can be expected to get through, as those of a pod whose
    ///   sidecar has started.
    /// - Throws: what `work` throws.
    func whileExporting(
        after isReachable: @escaping @Sendable () async -> Void = {}, _ work: () async throws -> Void
    ) async throws {
        guard let exporter, let queue else { return try await work() }
        try await withThrowingTaskGroup { group in
            group.addTask {
                await isReachable()
                await exporter.run()
            }
            defer { group.cancelAll() }
            let result: Result<Void, any Error>
            do { result = .success(try await work()) } catch { result = .failure(error) }
            queue.close()
            group.addTask { try await Task.sleep(for: flushTimeout) }
            // The exporter's end, or that of its time.
            try? await group.next()
            try result.get()
        }
    }
}

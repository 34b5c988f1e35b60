package import LaminaTelemetry

/// What became of the spans of recorded traces.
package struct TraceMetrics: Sendable {
    /// Taken by the collector.
    let exported: Counter
    /// Never sent: the queue was full, or the server ended before they could be.
    let dropped: Counter
    /// Sent in vain: the collector refused them, or could not be reached in time.
    let failed: Counter

    /// - Throws: `MetricError` where a name is taken.
    package init(_ registry: MetricsRegistry, queue: SpanQueue) throws(MetricError) {
        let spans = try registry.counter(
            "lamina_trace_spans_total",
            help: "Spans that ended, by what became of them: exported, dropped before they were sent, or failed.",
            labels: ["outcome"])
        exported = spans.with("exported")
        dropped = spans.with("dropped")
        failed = spans.with("failed")
        try registry.gauge("lamina_trace_queue_spans", help: "Spans that wait to be exported.") { Double(queue.count) }
    }
}

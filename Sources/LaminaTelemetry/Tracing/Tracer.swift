/// Begins the spans of requests whose traces are recorded.
///
/// Types of our own: swift-distributed-tracing would bring nothing else of the process into the traces (docs/decisions/0009).
package struct Tracer: Sendable {
    /// Decides which traces are recorded.
    package let sampler: TraceSampler
    private let record: @Sendable (FinishedSpan) -> Void

    /// - Parameter record: takes spans that have ended; called from any task, must not wait.
    package init(sampler: TraceSampler, record: @escaping @Sendable (FinishedSpan) -> Void) {
        self.sampler = sampler
        self.record = record
    }

    /// Begins the span of a request that was received.
    ///
    /// - Parameters:
    ///   - context: the span's own place in its trace.
    ///   - parent: the caller's span; nil where the trace begins here.
    package func serverSpan(
        _ name: String, _ context: TraceContext, parent: SpanID?, at start: ContinuousClock.Instant,
        attributes: AttributeList
    ) -> ActiveSpan {
        ActiveSpan(
            name, .server, context: context, parent: parent.map { .init(id: $0, isRemote: true) }, start: start,
            clock: TraceClock(), attributes: attributes, record: record)
    }
}

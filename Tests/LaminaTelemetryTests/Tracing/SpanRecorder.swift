import Synchronization

@testable import LaminaTelemetry

/// Keeps the spans that have ended.
final class SpanRecorder: Sendable {
    private let recorded = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { recorded.withLock { $0 } }

    /// A tracer that records everything here.
    var tracer: Tracer { Tracer(sampler: .alwaysOn) { span in self.recorded.withLock { $0.append(span) } } }

    /// A span of a request that was received.
    func serverSpan(parent: SpanID? = nil, at start: ContinuousClock.Instant = .now) -> ActiveSpan {
        var random = SequenceSource(values: [1, 2, 3])
        return tracer.serverSpan(
            "GET", .root(isSampled: true, using: &random), parent: parent, at: start, attributes: [:])
    }
}

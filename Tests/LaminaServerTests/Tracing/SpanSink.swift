import LaminaTelemetry
import Synchronization

/// Keeps the spans that have ended.
final class SpanSink: Sendable {
    private let ended = Mutex<[FinishedSpan]>([])

    var spans: [FinishedSpan] { ended.withLock { $0 } }

    /// The one span of that name; nil where there is none, or several.
    func only(_ name: String) -> FinishedSpan? {
        let found = spans.filter { $0.name == name }
        return found.count == 1 ? found[0] : nil
    }

    /// A tracer that ends here.
    func tracer(_ sampler: TraceSampler = .parentBased(root: .alwaysOn)) -> Tracer {
        Tracer(sampler: sampler) { span in self.ended.withLock { $0.append(span) } }
    }
}

import Synchronization

/// A part of a recorded request's work that is going on. Ending it hands it to the tracer; dropping it ends it too.
///
/// Any task may use it. What is said after its end is ignored.
package final class ActiveSpan: Sendable {
    /// Trace and id of this span: what its children have as parent.
    package let context: TraceContext
    private let parent: FinishedSpan.Parent?
    private let name: String
    private let kind: FinishedSpan.Kind
    private let start: ContinuousClock.Instant
    private let clock: TraceClock
    private let record: @Sendable (FinishedSpan) -> Void
    private let state: Mutex<State>

    private struct State {
        var attributes: AttributeList
        var events: [FinishedSpan.Event] = []
        var failure: String?
        var isEnded = false
        /// What replaces the name it began with.
        var name: String?
    }

    init(
        _ name: String, _ kind: FinishedSpan.Kind, context: TraceContext, parent: FinishedSpan.Parent?,
        start: ContinuousClock.Instant, clock: TraceClock, attributes: AttributeList,
        record: @escaping @Sendable (FinishedSpan) -> Void
    ) {
        self.context = context
        self.parent = parent
        self.name = name
        self.kind = kind
        self.start = start
        self.clock = clock
        self.record = record
        state = Mutex(State(attributes: attributes))
    }

    deinit { end() }

    /// Begins a part of this span's work within the process.
    package func child(
        _ name: String, at start: ContinuousClock.Instant = .now, attributes: AttributeList = [:],
        using random: inout some RandomNumberGenerator
    ) -> ActiveSpan {
        ActiveSpan(
            name, .internal, context: context.child(using: &random), parent: .init(id: context.spanID, isRemote: false),
            start: start, clock: clock, attributes: attributes, record: record)
    }

    /// Gives it another name: when it began, not enough was known.
    package func rename(_ name: String) { state.withLock { $0.name = name } }

    /// Sets attributes, in place of earlier values of theirs.
    package func set(_ attributes: AttributeList) { state.withLock { $0.attributes.set(attributes) } }

    /// Notes that something happened.
    package func addEvent(_ name: String, at moment: ContinuousClock.Instant = .now) {
        let event = FinishedSpan.Event(name: name, time: clock.unixNanoseconds(moment))
        state.withLock { $0.events.append(event) }
    }

    /// Notes that the work failed. The first failure counts: what follows mostly follows from it.
    ///
    /// - Parameter type: the class of error, of low cardinality: `error.type` of the semantic conventions.
    package func fail(_ type: String, _ message: String) {
        state.withLock { state in
            guard state.failure == nil else { return }
            state.failure = message.limited(toBytes: TelemetryLimits.attributeValueBytes)
            state.attributes["error.type"] = .string(type)
        }
    }

    /// Ends it, once.
    package func end(at moment: ContinuousClock.Instant = .now) {
        let last = state.withLock { state -> State? in
            guard !state.isEnded else { return nil }
            defer { state.isEnded = true }
            return state
        }
        guard let last else { return }
        record(
            FinishedSpan(
                context: context, parent: parent, name: last.name ?? name, kind: kind,
                start: clock.unixNanoseconds(start), end: clock.unixNanoseconds(max(start, moment)),
                attributes: last.attributes, events: last.events, failure: last.failure))
    }
}

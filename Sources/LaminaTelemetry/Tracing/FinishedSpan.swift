/// A part of a request's work that has ended, ready to be exported (OpenTelemetry specification, "Span").
package struct FinishedSpan: Sendable, Equatable {
    /// What a span is in the conversation between services; the numbers are OTLP's.
    package enum Kind: Int, Sendable {
        /// A part of what the process does by itself.
        case `internal` = 1
        /// The handling of a request from elsewhere.
        case server = 2
    }

    /// Something that happened at one moment.
    package struct Event: Sendable, Equatable {
        /// What happened.
        package let name: String
        /// When, in nanoseconds since 1970.
        package let time: Int64
    }

    /// The span that caused one.
    package struct Parent: Sendable, Equatable {
        /// Its id.
        package let id: SpanID
        /// Whether it belongs to another process.
        package let isRemote: Bool
    }

    /// Trace, id of the span, and what was received of other vendors.
    package let context: TraceContext
    /// What caused it; nil for the root of a trace.
    package let parent: Parent?
    /// The sort of work, of low cardinality.
    package let name: String
    /// What it is in the conversation between services.
    package let kind: Kind
    /// Nanoseconds since 1970.
    package let start: Int64
    /// Nanoseconds since 1970; not before the start.
    package let end: Int64
    /// What is known about it.
    package let attributes: AttributeList
    /// What happened meanwhile.
    package let events: [Event]
    /// What went wrong, possibly empty; nil where nothing did.
    package let failure: String?
}

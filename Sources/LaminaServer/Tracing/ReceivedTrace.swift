import HTTPTypes
import LaminaTelemetry

/// What a request says about the trace it belongs to: `traceparent` and `tracestate`, else B3.
struct ReceivedTrace {
    /// The caller's span; nil where the request begins a trace.
    let parent: TraceContext?
    /// Whether the caller records the trace; nil where it has not said.
    let isSampled: Bool?

    init(_ fields: HTTPFields) {
        let parents = fields[values: .traceParent]
        if parents.isEmpty {
            let b3 = fields[.b3].flatMap(B3Context.init(single:)) ?? Self.severalFields(fields)
            (parent, isSampled) = (b3?.parent, b3?.isSampled)
            return
        }
        // More than one traceparent is invalid and must not be joined (W3C Trace Context §2.2.2).
        let states = fields[values: .traceState].joined(separator: ",")
        parent =
            parents.count == 1
            ? TraceContext(traceparent: parents[0], tracestate: states.isEmpty ? nil : states) : nil
        isSampled = parent?.isSampled
    }

    private static func severalFields(_ fields: HTTPFields) -> B3Context? {
        B3Context(
            traceID: fields[.b3TraceID], spanID: fields[.b3SpanID], sampled: fields[.b3Sampled], flags: fields[.b3Flags]
        )
    }
}

extension HTTPField.Name {
    static let traceParent = known("traceparent")
    static let traceState = known("tracestate")
    static let b3 = known("b3")
    static let b3TraceID = known("X-B3-TraceId")
    static let b3SpanID = known("X-B3-SpanId")
    static let b3Sampled = known("X-B3-Sampled")
    static let b3Flags = known("X-B3-Flags")
}

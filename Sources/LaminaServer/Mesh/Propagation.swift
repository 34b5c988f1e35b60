package import HTTPTypes
import LaminaTelemetry

/// What calls to other servers carry, so that they belong to the trace of what they are made for. An `HTTPClient` is given one of these;
/// one that exports traces is given none, or its calls would make traces of their own.
package enum Propagation {
    /// Bytes of baggage that are passed on; what is longer is dropped (W3C Baggage §3.3.2 asks for 8192 at least).
    private static let baggageBytes = 8192

    /// For calls made on behalf of the request that the current task handles: our span in its trace, its id, and its baggage. B3 too
    /// where it came with B3, of our span: Envoy passes the caller's on unchanged.
    package static var ofRequest: HTTPFields {
        guard let context = RequestContext.current else { return [:] }
        var fields = fields(context.trace, baggage: context.fields[values: .baggage].joined(separator: ","))
        fields[.requestID] = context.requestID
        let trace = context.trace
        let sampled = trace.isSampled ? "1" : "0"
        if context.fields.contains(.b3) { fields[.b3] = "\(trace.traceID)-\(trace.spanID)-\(sampled)" }
        if context.fields.contains(.b3TraceID) {
            fields[.b3TraceID] = "\(trace.traceID)"
            fields[.b3SpanID] = "\(trace.spanID)"
            fields[.b3Sampled] = sampled
        }
        return fields
    }

    /// For calls of a command, where whoever runs it names a trace in `TRACEPARENT`, `TRACESTATE` and `BAGGAGE` (OpenTelemetry,
    /// "Environment Variables as Context Propagation Carriers").
    package static func ofRun(_ environment: [String: String]) -> HTTPFields {
        let parent = environment["TRACEPARENT"].flatMap {
            TraceContext(traceparent: $0, tracestate: environment["TRACESTATE"])
        }
        return fields(parent, baggage: environment["BAGGAGE"] ?? "")
    }

    private static func fields(_ trace: TraceContext?, baggage: String) -> HTTPFields {
        var fields: HTTPFields = [:]
        if let trace {
            fields[.traceParent] = trace.traceparent
            fields[.traceState] = trace.tracestate
        }
        let isUsable = baggage.utf8.count <= baggageBytes && baggage.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        if isUsable, !baggage.isEmpty { fields[.baggage] = baggage }
        return fields
    }
}

extension HTTPField.Name {
    /// What the application says about a trace (W3C Baggage).
    static let baggage = known("baggage")
}

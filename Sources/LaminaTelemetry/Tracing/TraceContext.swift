/// A position in a distributed trace, as the `traceparent` and `tracestate` headers carry it from service to service.
///
/// W3C Trace Context, https://www.w3.org/TR/trace-context/. Headers that do not follow it count as absent: the receiver
/// starts a new trace.
package struct TraceContext: Sendable, Equatable {
    /// The trace.
    package let traceID: TraceID
    /// The span in that trace: the caller's when received, our own when sent.
    package let spanID: SpanID
    /// Whether the trace is recorded.
    package var isSampled: Bool
    /// Vendors' data that is passed on unchanged.
    package let traceState: TraceState

    /// Flag bit of a trace whose id is random in its lower 7 bytes; passed on as received (Trace Context level 2).
    private let isRandom: Bool

    /// A new trace and its first span.
    package static func root(
        isSampled: Bool, using random: inout some RandomNumberGenerator
    ) -> TraceContext {
        TraceContext(
            traceID: TraceID(using: &random), spanID: SpanID(using: &random), isSampled: isSampled,
            traceState: TraceState(), isRandom: false)
    }

    /// The context of a received request; nil when `traceparent` is invalid.
    ///
    /// `00-` and 32 digits of trace id, `-` and 16 of span id, `-` and 2 of flags. Version `00` has exactly this
    /// length; a later version may continue with `-` and more, of which nothing is known; `ff` is invalid (§3.2.2).
    ///
    /// - Parameters:
    ///   - traceparent: the header's value; more than one such header is invalid and must not be joined.
    ///   - tracestate: the header's value, several joined by `,`. An invalid one is dropped by itself (§3.3.1).
    package init?(traceparent: String, tracestate: String? = nil) {
        let header = Array(traceparent.utf8)
        let dash = UInt8(ascii: "-")
        guard header.count >= Self.length, header[2] == dash, header[35] == dash, header[52] == dash,
            let version = LowerHex.integer(header[0..<2]), version != 0xFF,
            header.count == Self.length || (version > 0 && header[Self.length] == dash),
            let high = LowerHex.integer(header[3..<19]), let low = LowerHex.integer(header[19..<35]),
            let span = LowerHex.integer(header[36..<52]), let flags = LowerHex.integer(header[53..<55]),
            let traceID = TraceID(high: high, low: low), let spanID = SpanID(span)
        else { return nil }
        self.init(
            traceID: traceID, spanID: spanID, isSampled: flags & 1 != 0,
            traceState: tracestate.flatMap(TraceState.init(header:)) ?? TraceState(), isRandom: flags & 2 != 0)
    }

    /// A position of which other headers than `traceparent` tell.
    init(traceID: TraceID, spanID: SpanID, isSampled: Bool) {
        self.init(traceID: traceID, spanID: spanID, isSampled: isSampled, traceState: TraceState(), isRandom: false)
    }

    /// The length of a version `00` header.
    private static let length = 55

    private init(traceID: TraceID, spanID: SpanID, isSampled: Bool, traceState: TraceState, isRandom: Bool) {
        self.traceID = traceID
        self.spanID = spanID
        self.isSampled = isSampled
        self.traceState = traceState
        self.isRandom = isRandom
    }

    /// A span below this one: same trace, new span id.
    package func child(using random: inout some RandomNumberGenerator) -> TraceContext {
        TraceContext(
            traceID: traceID, spanID: SpanID(using: &random), isSampled: isSampled, traceState: traceState,
            isRandom: isRandom)
    }

    /// The `traceparent` header to send: version `00`, with the flags that version defines.
    package var traceparent: String {
        let flags = (isSampled ? 1 : 0) | (isRandom ? 2 : 0)
        return "00-\(traceID)-\(spanID)-0\(flags)"
    }

    /// The `tracestate` header to send; nil when there is nothing to pass on.
    package var tracestate: String? { traceState.isEmpty ? nil : traceState.header }
}

/// What Zipkin's B3 headers say about a trace (https://github.com/openzipkin/b3-propagation).
///
/// For requests without a `traceparent` only: proxies that do not know B3 pass it on as they got it, so that beside a
/// `traceparent` it tells of a span further up. Headers that do not follow the specification count as absent.
package struct B3Context: Sendable, Equatable {
    /// The caller's span; nil where only the decision about recording was sent. Where that is left open, it says "not recorded".
    package let parent: TraceContext?
    /// Whether the trace is recorded; nil where the caller leaves that to us.
    package let isSampled: Bool?

    /// The header `b3`: `{trace}-{span}`, then `-{state}` or `-{state}-{parent of the span}` or nothing; or the state alone.
    package init?(single header: String) {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count == 1 {
            guard let decision = Self.decision(parts[0]) else { return nil }
            self.init(parent: nil, isSampled: decision)
            return
        }
        guard (2...4).contains(parts.count), parts.count < 4 || SpanID(hexadecimal: parts[3]) != nil else { return nil }
        var decision: Bool?
        if parts.count > 2 {
            guard let stated = Self.decision(parts[2]) else { return nil }
            decision = stated
        }
        self.init(trace: parts[0], span: parts[1], decision)
    }

    /// The headers `X-B3-TraceId`, `X-B3-SpanId`, `X-B3-Sampled` and `X-B3-Flags`; nil where they say nothing.
    package init?(traceID: String?, spanID: String?, sampled: String?, flags: String?) {
        var decision: Bool?
        if flags == "1" {
            decision = true
        } else if let sampled {
            // `true` and `false` were sent before there was a specification, which allows to take them.
            guard let stated = ["1": true, "0": false, "true": true, "false": false][sampled] else { return nil }
            decision = stated
        }
        switch (traceID, spanID) {
        case (let traceID?, let spanID?): self.init(trace: traceID, span: spanID, decision)
        case (nil, nil) where decision != nil: self.init(parent: nil, isSampled: decision)
        default: return nil
        }
    }

    private init(parent: TraceContext?, isSampled: Bool?) {
        self.parent = parent
        self.isSampled = isSampled
    }

    private init?(trace: some StringProtocol, span: some StringProtocol, _ decision: Bool?) {
        // Short ids are the lower half of long ones.
        let padding = String(repeating: "0", count: trace.utf8.count == Self.shortIDDigits ? Self.shortIDDigits : 0)
        guard let traceID = TraceID(hexadecimal: padding + trace), let spanID = SpanID(hexadecimal: span) else {
            return nil
        }
        self.init(
            parent: TraceContext(traceID: traceID, spanID: spanID, isSampled: decision ?? false), isSampled: decision)
    }

    private static let shortIDDigits = 16

    /// `d` asks for a record in any case (debug).
    private static func decision(_ state: Substring) -> Bool? {
        switch state {
        case "0": false
        case "1", "d": true
        default: nil
        }
    }
}

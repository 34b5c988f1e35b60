import LaminaTelemetry

/// W3C trace headers, `traceparent` on the first line of the input and `tracestate` on the second: what is accepted is passed
/// on in a form that is accepted as the same. The first line is read as a `b3` header too, and its parts as several B3 headers.
enum TraceContextTarget {
    static func check(_ bytes: [UInt8]) {
        let lines = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
        let parent = String(decoding: lines[0], as: UTF8.self)
        let state = lines.count > 1 ? String(decoding: lines[1], as: UTF8.self) : nil
        if let context = TraceContext(traceparent: parent, tracestate: state) {
            expect(context.traceparent.utf8.count == 55, "sent as \(context.traceparent)")
            let again = TraceContext(traceparent: context.traceparent, tracestate: context.tracestate)
            expect(again == context, "\(String(describing: again)) was \(context)")
            expect(TraceID(hexadecimal: context.traceID.description) == context.traceID, "\(context.traceID)")
            expect(SpanID(hexadecimal: context.spanID.description) == context.spanID, "\(context.spanID)")
        }
        checkB3(parent)
        guard let state, let members = TraceState(header: state) else { return }
        expect(members.members.count <= 32, "\(members.members.count) members")
        expect(TraceState(header: members.header) == members, "\(members.header) was \(state)")
    }

    /// Both forms of B3 say the same, and what they say can be passed on as `traceparent`.
    private static func checkB3(_ header: String) {
        guard let b3 = B3Context(single: header) else { return }
        guard let parent = b3.parent else {
            expect(b3.isSampled != nil, "'\(header)' says nothing")
            return
        }
        expect(TraceContext(traceparent: parent.traceparent) == parent, "sent as \(parent.traceparent)")
        let parts = header.split(separator: "-").map(String.init)
        let state = parts.count > 2 ? parts[2] : nil
        let several = B3Context(
            traceID: parts[0], spanID: parts[1], sampled: state == "d" ? nil : state, flags: state == "d" ? "1" : nil)
        expect(several == b3, "\(String(describing: several)) was \(b3)")
    }
}

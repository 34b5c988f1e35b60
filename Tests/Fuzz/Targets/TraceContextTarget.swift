import LaminaTelemetry

/// W3C trace headers, `traceparent` on the first line of the input and `tracestate` on the second: what is accepted is passed
/// on in a form that is accepted as the same.
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
        guard let state, let members = TraceState(header: state) else { return }
        expect(members.members.count <= 32, "\(members.members.count) members")
        expect(TraceState(header: members.header) == members, "\(members.header) was \(state)")
    }
}

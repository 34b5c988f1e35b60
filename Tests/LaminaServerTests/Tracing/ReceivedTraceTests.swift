import HTTPTypes
import LaminaTelemetry
import Testing

@testable import LaminaServer

struct ReceivedTraceTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test func `Reads traceparent, and B3 only where there is none`() {
        let single = ReceivedTrace([.b3: "\(Self.trace)-\(Self.span)-0"])
        #expect(single.parent?.traceID.description == Self.trace && single.isSampled == false)
        let both = ReceivedTrace([.b3: "\(Self.trace)-\(Self.span)-0", .traceParent: Self.parent])
        #expect(both.parent?.traceparent == Self.parent && both.isSampled == true)
        let malformed = ReceivedTrace([.b3: "\(Self.trace)-\(Self.span)-1", .traceParent: "nonsense"])
        #expect(malformed.parent == nil && malformed.isSampled == nil)
    }

    @Test func `Reads several B3 fields, and the single one first`() {
        var fields: HTTPFields = [.b3TraceID: Self.trace, .b3SpanID: Self.span, .b3Sampled: "1"]
        #expect(ReceivedTrace(fields).parent?.spanID.description == Self.span)
        #expect(ReceivedTrace(fields).isSampled == true)
        fields[.b3] = "0"
        #expect(ReceivedTrace(fields).parent == nil && ReceivedTrace(fields).isSampled == false)
        fields[.b3] = nil
        fields[.b3Sampled] = nil
        #expect(ReceivedTrace(fields).isSampled == nil, "left to us")
        fields[.b3Flags] = "1"
        #expect(ReceivedTrace(fields).isSampled == true)
    }

    @Test func `Takes no field that came twice`() {
        var fields: HTTPFields = [.traceParent: Self.parent]
        fields.append(HTTPField(name: .traceParent, value: Self.parent))
        #expect(ReceivedTrace(fields).parent == nil)
        fields = [.b3: "1"]
        fields.append(HTTPField(name: .b3, value: "1"))
        #expect(ReceivedTrace(fields).isSampled == nil)
    }

    @Test func `Says nothing where nothing was received`() {
        let none = ReceivedTrace([:])
        #expect(none.parent == nil && none.isSampled == nil)
        #expect(ReceivedTrace([.traceState: "a=1"]).parent == nil)
    }
}

import Testing

@testable import LaminaTelemetry

struct B3ContextTests {
    private static let trace = "80f198ee56343ba864fe8b2a57d3eff7"
    private static let span = "e457b5a2e4d86bd1"
    private static let parent = "05e3ac9a4f6e3b90"

    @Test(arguments: [
        ("\(trace)-\(span)-1", true), ("\(trace)-\(span)-0", false), ("\(trace)-\(span)-d", true),
        ("\(trace)-\(span)-1-\(parent)", true), ("\(trace)-\(span)", nil),
    ])
    func `Reads the single header`(header: String, isSampled: Bool?) throws {
        let b3 = try #require(B3Context(single: header))
        let parent = try #require(b3.parent)
        #expect(parent.traceID.description == Self.trace)
        #expect(parent.spanID.description == Self.span, "not the span's own parent")
        #expect(b3.isSampled == isSampled)
        #expect(parent.isSampled == (isSampled ?? false))
        #expect(parent.tracestate == nil)
    }

    @Test(arguments: [("0", false), ("1", true), ("d", true)])
    func `Reads a decision alone`(header: String, isSampled: Bool) throws {
        let b3 = try #require(B3Context(single: header))
        #expect(b3.parent == nil && b3.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "-", "2", "true", "\(trace)", "\(trace)-", "-\(span)", "\(trace)-\(span)-", "\(trace)-\(span)-2",
        "\(trace)-\(span)-1-", "\(trace)-\(span)-1-\(parent)-", "\(trace)-\(span)-1-0000000000000000",
        "\(trace)-\(span)-\(parent)", "\(trace)0-\(span)-1", "\(trace)-\(span)0-1", "\(trace.uppercased())-\(span)-1",
        "0000000000000000-\(span)-1", "\(trace)-0000000000000000-1", "\(trace)-\(span)-1,\(trace)-\(span)-1",
        " \(trace)-\(span)-1", "\(trace)--\(span)-1",
    ])
    func `Refuses malformed single headers`(header: String) {
        #expect(B3Context(single: header) == nil)
    }

    @Test func `Takes short trace ids for the lower half of long ones`() throws {
        let b3 = try #require(B3Context(single: "64fe8b2a57d3eff7-\(Self.span)-1"))
        #expect(b3.parent?.traceID.description == "000000000000000064fe8b2a57d3eff7")
    }

    @Test(arguments: [
        ("1", nil, true), ("0", nil, false), ("true", nil, true), ("false", nil, false), (nil, "1", true),
        ("0", "1", true), (nil, nil, nil), (nil, "0", nil),
    ])
    func `Reads several headers`(sampled: String?, flags: String?, isSampled: Bool?) throws {
        let b3 = try #require(B3Context(traceID: Self.trace, spanID: Self.span, sampled: sampled, flags: flags))
        #expect(b3.parent?.traceID.description == Self.trace && b3.parent?.spanID.description == Self.span)
        #expect(b3.isSampled == isSampled)
    }

    @Test func `Reads several headers with a decision alone`() throws {
        let b3 = try #require(B3Context(traceID: nil, spanID: nil, sampled: "0", flags: nil))
        #expect(b3.parent == nil && b3.isSampled == false)
        #expect(B3Context(traceID: nil, spanID: nil, sampled: nil, flags: nil) == nil)
    }

    @Test func `Refuses several headers of which one is missing or malformed`() {
        #expect(B3Context(traceID: Self.trace, spanID: nil, sampled: "1", flags: nil) == nil)
        #expect(B3Context(traceID: nil, spanID: Self.span, sampled: "1", flags: nil) == nil)
        #expect(B3Context(traceID: Self.trace, spanID: Self.span, sampled: "yes", flags: nil) == nil)
        #expect(B3Context(traceID: "x", spanID: Self.span, sampled: "1", flags: nil) == nil)
    }
}

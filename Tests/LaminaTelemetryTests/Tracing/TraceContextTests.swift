import Testing

@testable import LaminaTelemetry

struct TraceContextTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let span = "b7ad6b7169203331"

    @Test(arguments: [
        ("00-\(trace)-\(span)-01", true), ("00-\(trace)-\(span)-00", false), ("00-\(trace)-\(span)-02", false),
        ("00-\(trace)-\(span)-ff", true), ("00-\(trace)-\(span)-09", true),
        // Later versions may say more.
        ("cc-\(trace)-\(span)-01", true), ("01-\(trace)-\(span)-01-what-the-future-brings", true),
        ("fe-\(trace)-\(span)-00-", false),
    ])
    func `Accepts valid headers`(header: String, isSampled: Bool) throws {
        let context = try #require(TraceContext(traceparent: header))
        #expect(context.traceID.description == Self.trace)
        #expect(context.spanID.description == Self.span)
        #expect(context.isSampled == isSampled)
    }

    @Test(arguments: [
        "", "00", "00-\(trace)-\(span)", "00-\(trace)-\(span)-", "00-\(trace)-\(span)-1", "00-\(trace)-\(span)-011",
        "00-\(trace)-\(span)-01-", "00-\(trace)-\(span)-01-extra", "00-\(trace)-\(span)-01 ", " 00-\(trace)-\(span)-01",
        "ff-\(trace)-\(span)-01", "FE-\(trace)-\(span)-01", "0x-\(trace)-\(span)-01", "cc-\(trace)-\(span)-01.extra",
        "cc-\(trace)-\(span)-0", "00-00000000000000000000000000000000-\(span)-01", "00-\(trace)-0000000000000000-01",
        "00-0AF7651916CD43DD8448EB211C80319C-\(span)-01", "00-\(trace)-B7AD6B7169203331-01", "00-\(trace)-\(span)-0A",
        "00-0af7651916cd43dd8448eb211c80319-b7ad6b7169203331a-01", "00_\(trace)-\(span)-01", "00-\(trace)_\(span)-01",
        "00-\(trace)-\(span)_01", "00-0af7651916cd43dd8448eb211c80319g-\(span)-01", "00-\(trace)-b7ad6b716920333é-01",
        "00-\(trace)-\(span)-.1",
    ])
    func `Refuses invalid headers`(header: String) {
        #expect(TraceContext(traceparent: header) == nil)
    }

    @Test func `Every shortened or damaged header is refused or differs`() throws {
        let header = "00-\(Self.trace)-\(Self.span)-01"
        let intact = TraceContext(traceparent: header)
        for length in 0..<55 { #expect(TraceContext(traceparent: String(header.prefix(length))) == nil) }
        for position in 0..<55 {
            for replacement in ["G", "-", "\0", "0"] {
                var damaged = Array(header)
                guard String(damaged[position]) != replacement else { continue }
                damaged[position] = Character(replacement)
                let context = TraceContext(traceparent: String(damaged))
                // A zero in place of another digit may give another valid header.
                #expect(context == nil || (replacement == "0" && context != intact))
            }
        }
    }

    @Test func `Sends what it received with a new span`() throws {
        let received = try #require(
            TraceContext(traceparent: "00-\(Self.trace)-\(Self.span)-01", tracestate: "congo=t61rcWkgMzE"))
        #expect(received.traceparent == "00-\(Self.trace)-\(Self.span)-01")
        var random = SequenceSource(values: [0xABC])
        let child = received.child(using: &random)
        #expect(child.traceID == received.traceID)
        #expect(child.spanID != received.spanID)
        #expect(child.isSampled)
        #expect(child.tracestate == "congo=t61rcWkgMzE")
        #expect(TraceContext(traceparent: child.traceparent, tracestate: child.tracestate) == child)
    }

    @Test func `Sends version 00 and only the flags it knows`() throws {
        let received = try #require(TraceContext(traceparent: "cc-\(Self.trace)-\(Self.span)-ff-more"))
        #expect(received.traceparent == "00-\(Self.trace)-\(Self.span)-03")
        let random = try #require(TraceContext(traceparent: "00-\(Self.trace)-\(Self.span)-02"))
        #expect(random.traceparent == "00-\(Self.trace)-\(Self.span)-02")
    }

    @Test func `Starts traces from the random source it is given`() {
        var random = SequenceSource(values: [1, 2, 3])
        let root = TraceContext.root(isSampled: true, using: &random)
        #expect(root.traceparent.hasPrefix("00-0000000000000001"))
        #expect(root.traceparent.hasSuffix("-01"))
        #expect(root.traceparent.utf8.count == 55)
        #expect(root.tracestate == nil)
        var zeros = SequenceSource(values: [0])
        let lowest = TraceContext.root(isSampled: false, using: &zeros)
        #expect(TraceContext(traceparent: lowest.traceparent) == lowest)
    }

    @Test func `Gives ids as the bytes that OTLP carries`() throws {
        let traceID = try #require(TraceID(hexadecimal: Self.trace))
        #expect(traceID.bytes.count == 16)
        #expect(traceID.bytes.prefix(3) == [0x0A, 0xF7, 0x65])
        #expect(traceID.bytes.last == 0x9C)
        let spanID = try #require(SpanID(hexadecimal: Self.span))
        #expect(spanID.bytes == [0xB7, 0xAD, 0x6B, 0x71, 0x69, 0x20, 0x33, 0x31])
        #expect(SpanID(hexadecimal: "b7ad6b716920333") == nil)
        #expect(TraceID(hexadecimal: Self.span) == nil)
    }
}

/// Gives the same values again and again.
struct SequenceSource: RandomNumberGenerator {
    let values: [UInt64]
    private var position = 0

    init(values: [UInt64]) {
        self.values = values
    }

    mutating func next() -> UInt64 {
        defer { position += 1 }
        return values[position % values.count]
    }
}

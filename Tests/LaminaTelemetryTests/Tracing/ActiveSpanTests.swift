import Testing

@testable import LaminaTelemetry

struct ActiveSpanTests {
    @Test func `A child has its parent's trace and id, and their times are in order`() throws {
        var random = SequenceSource(values: [4])
        let recorder = SpanRecorder()
        let start = ContinuousClock.now
        let caller = try #require(SpanID(hexadecimal: "00f067aa0ba902b7"))
        let server = recorder.serverSpan(parent: caller, at: start)
        let child = server.child("queue", at: start + .milliseconds(2), using: &random)
        child.end(at: start + .milliseconds(5))
        server.end(at: start + .milliseconds(9))
        let (inner, outer) = (try #require(recorder.spans.first), try #require(recorder.spans.last))
        #expect(inner.context.traceID == outer.context.traceID && inner.context.spanID != outer.context.spanID)
        #expect(inner.parent == .init(id: outer.context.spanID, isRemote: false))
        #expect(outer.parent == .init(id: caller, isRemote: true))
        #expect(inner.kind == .internal && outer.kind == .server)
        #expect(inner.start - outer.start == 2_000_000 && inner.end - inner.start == 3_000_000)
        #expect(outer.end - outer.start == 9_000_000)
    }

    @Test func `Is recorded once, with what was said before its end`() throws {
        let recorder = SpanRecorder()
        let span = recorder.serverSpan()
        span.rename("GET /a")
        span.set(["a": .integer(1), "b": .bool(true)])
        span.set(["a": .integer(2)])
        span.addEvent("first_token")
        span.end()
        span.set(["a": .integer(3)])
        span.end()
        let recorded = try #require(recorder.spans.first)
        #expect(recorder.spans.count == 1)
        #expect(recorded.name == "GET /a")
        #expect(recorded.attributes == ["a": .integer(2), "b": .bool(true)])
        #expect(recorded.events.map(\.name) == ["first_token"])
        #expect(recorded.failure == nil)
    }

    @Test func `Ends when nobody holds it any more`() {
        let recorder = SpanRecorder()
        _ = recorder.serverSpan()
        #expect(recorder.spans.count == 1)
    }

    @Test func `Never ends before it began`() throws {
        let recorder = SpanRecorder()
        let start = ContinuousClock.now
        recorder.serverSpan(at: start).end(at: start - .seconds(1))
        let span = try #require(recorder.spans.first)
        #expect(span.end == span.start)
    }

    @Test func `The first failure counts`() throws {
        let recorder = SpanRecorder()
        let span = recorder.serverSpan()
        span.fail("deadline_exceeded", "too late")
        span.fail("500", "Internal Server Error")
        span.end()
        let recorded = try #require(recorder.spans.first)
        #expect(recorded.failure == "too late")
        #expect(recorded.attributes["error.type"] == .string("deadline_exceeded"))
    }
}

struct TraceClockTests {
    @Test func `Gives moments their place around the wall clock's time`() {
        let now = ContinuousClock.now
        let clock = TraceClock(instant: now, wall: UnixTime(seconds: 1_544_712_660, nanoseconds: 999_999_999))
        #expect(clock.unixNanoseconds(now) == 1_544_712_660_999_999_999)
        #expect(clock.unixNanoseconds(now + .nanoseconds(1)) == 1_544_712_661_000_000_000)
        #expect(clock.unixNanoseconds(now - .milliseconds(1500)) == 1_544_712_659_499_999_999)
    }
}

struct AttributeListTests {
    @Test func `Keeps the order, and one value for each key`() {
        var list: AttributeList = ["b": .integer(1), "a": .string("x")]
        list["b"] = .integer(2)
        list["c"] = nil
        #expect(list.members.map(\.key) == ["b", "a"])
        #expect(list["b"] == .integer(2) && list["c"] == nil)
    }

    @Test func `Cuts long texts between two characters`() {
        var list: AttributeList = [:]
        let limit = TelemetryLimits.attributeValueBytes
        list["a"] = .string(String(repeating: "x", count: limit - 1) + "é")
        list["b"] = .strings([String(repeating: "é", count: limit)])
        #expect(list["a"] == .string(String(repeating: "x", count: limit - 1)))
        #expect(list["b"] == .strings([String(repeating: "é", count: limit / 2)]))
    }

    @Test func `Takes so many and no more`() {
        var list: AttributeList = [:]
        for number in 0..<200 { list["\(number)"] = .integer(number) }
        #expect(list.members.count == TelemetryLimits.attributesPerSpan)
        list["0"] = .integer(-1)
        #expect(list["0"] == .integer(-1), "one that is there can still change")
    }
}

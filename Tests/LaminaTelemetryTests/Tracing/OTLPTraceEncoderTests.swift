import LaminaJSON
import Testing

@testable import LaminaTelemetry

struct OTLPTraceEncoderTests {
    private static let trace = "5b8efff798038103d269b633813fc60c"

    /// The span of the protocol's own example (opentelemetry-proto, examples/trace.json).
    private func example() throws -> FinishedSpan {
        let context = try #require(TraceContext(traceparent: "00-\(Self.trace)-eee19b7ec3c1b174-01"))
        let parent = try #require(SpanID(hexadecimal: "eee19b7ec3c1b173"))
        return FinishedSpan(
            context: context, parent: .init(id: parent, isRemote: true), name: "I'm a server span", kind: .server,
            start: 1_544_712_660_000_000_000, end: 1_544_712_661_000_000_000,
            attributes: ["my.span.attr": .string("some value")], events: [], failure: nil)
    }

    private let encoder = OTLPTraceEncoder(
        resource: ["service.name": .string("my.service")], scope: (name: "my.library", version: "1.0.0"))

    @Test func `Encodes the protocol's example`() throws {
        let text = String(decoding: encoder.encode([try example()]), as: UTF8.self)
        let expected = """
            {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"my.service"}}]},\
            "scopeSpans":[{"scope":{"name":"my.library","version":"1.0.0"},"spans":[{\
            "traceId":"\(Self.trace)","spanId":"eee19b7ec3c1b174","parentSpanId":"eee19b7ec3c1b173","flags":769,\
            "name":"I'm a server span","kind":2,"startTimeUnixNano":"1544712660000000000",\
            "endTimeUnixNano":"1544712661000000000",\
            "attributes":[{"key":"my.span.attr","value":{"stringValue":"some value"}}]}]}]}]}
            """
        #expect(text == expected)
    }

    @Test func `Encodes every kind of value as AnyValue`() throws {
        var span = try example()
        span = span.with(attributes: [
            "text": .string("\"é\n"), "truth": .bool(false), "integer": .integer(.max), "number": .number(0.25),
            "whole": .number(2), "texts": .strings(["a", "b"]), "none": .strings([]), "nan": .number(.nan),
            "infinite": .number(-.infinity),
        ])
        let attributes = try fields(of: span)["attributes"]?.arrayValue ?? []
        #expect(
            attributes.map { $0["value"] ?? .null } == [
                ["stringValue": "\"é\n"], ["boolValue": false], ["intValue": "9223372036854775807"],
                ["doubleValue": 0.25], ["doubleValue": .number(2)],
                ["arrayValue": ["values": [["stringValue": "a"], ["stringValue": "b"]]]],
                ["arrayValue": ["values": []]], ["doubleValue": "NaN"], ["doubleValue": "-Infinity"],
            ])
    }

    @Test func `Encodes events, a failure and what other vendors say`() throws {
        let context = try #require(
            TraceContext(traceparent: "00-\(Self.trace)-eee19b7ec3c1b174-01", tracestate: "congo=t61rcWkgMzE"))
        let span = FinishedSpan(
            context: context, parent: nil, name: "a", kind: .internal, start: 1, end: 2, attributes: [:],
            events: [.init(name: "first_token", time: 7)], failure: "the client read too slowly")
        let fields = try fields(of: span)
        #expect(fields["traceState"] == "congo=t61rcWkgMzE")
        #expect(fields["parentSpanId"] == nil, "the root of a trace has none")
        #expect(fields["kind"] == 1 && fields["flags"] == 257)
        #expect(fields["events"] == [["timeUnixNano": "7", "name": "first_token"]])
        #expect(fields["status"] == ["code": 2, "message": "the client read too slowly"])
    }

    @Test func `Encodes a batch in order`() throws {
        let spans = try (0..<3).map { try example().with(attributes: ["number": .integer($0)]) }
        let json = try JSONValue(parsing: encoder.encode(spans))
        let encoded = json["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue
        #expect(
            encoded?.map { $0["attributes"]?.arrayValue?.first?["value"]?["intValue"] } == ["0", "1", "2"])
    }

    private func fields(of span: FinishedSpan) throws -> JSONValue {
        let json = try JSONValue(parsing: encoder.encode([span]))
        let spans = json["resourceSpans"]?.arrayValue?.first?["scopeSpans"]?.arrayValue?.first?["spans"]
        return try #require(spans?.arrayValue?.first)
    }
}

extension FinishedSpan {
    fileprivate func with(attributes: AttributeList) -> FinishedSpan {
        FinishedSpan(
            context: context, parent: parent, name: name, kind: kind, start: start, end: end, attributes: attributes,
            events: events, failure: failure)
    }
}

import HTTPTypes
import LaminaHTTP
import Logging
import Testing

@testable import LaminaServer

struct PropagationTests {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let parent = "00-\(trace)-00f067aa0ba902b7-01"

    /// What a call carries that is made for a request with these fields.
    private func outbound(_ fields: HTTPFields) async throws -> HTTPFields {
        let scope = RequestScope(
            identification: try .trustingNobody(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            next: { _ in OutgoingResponse(headers: Propagation.ofRequest) })
        return await scope.respond(to: try IncomingRequest(method: .get, target: "/", fields: fields)).headers
    }

    @Test func `A call belongs to the request's trace, below our span, and has its id`() async throws {
        let fields = try await outbound([
            .traceParent: Self.parent, .traceState: "vendor=1", .baggage: "user=ann", .requestID: "mine",
        ])
        let parts = try #require(fields[.traceParent]).split(separator: "-")
        #expect(parts[1] == Self.trace && parts[2] != "00f067aa0ba902b7" && parts[3] == "01")
        #expect(fields[.traceState] == "vendor=1" && fields[.baggage] == "user=ann" && fields[.requestID] == "mine")
        #expect(fields[.b3] == nil && fields[.b3TraceID] == nil)
    }

    @Test func `B3 goes out where it came in, and says what traceparent says`() async throws {
        let stale = try await outbound([
            .traceParent: Self.parent, .b3: "\(Self.trace)-1111111111111111-1",
            .b3TraceID: Self.trace, .b3SpanID: "1111111111111111",
        ])
        let span = try #require(stale[.traceParent]).split(separator: "-")[2]
        #expect(stale[.b3] == "\(Self.trace)-\(span)-1")
        #expect(stale[.b3TraceID] == Self.trace && stale[.b3SpanID] == String(span))
        #expect(stale[.b3Sampled] == "1")
    }

    @Test func `Baggage that is too long is dropped, several fields are one`() async throws {
        var fields: HTTPFields = [:]
        fields[values: .baggage] = ["a=1", "b=2"]
        #expect(try await outbound(fields)[.baggage] == "a=1,b=2")
        let long: HTTPFields = [.baggage: "a=" + String(repeating: "x", count: 8192)]
        #expect(try await outbound(long)[.baggage] == nil)
    }

    @Test func `Outside of requests nothing is carried`() {
        #expect(Propagation.ofRequest == [:])
    }

    @Test func `A command takes its trace from the environment`() {
        let fields = Propagation.ofRun(["TRACEPARENT": Self.parent, "TRACESTATE": "vendor=1", "BAGGAGE": "user=ann"])
        #expect(fields == [.traceParent: Self.parent, .traceState: "vendor=1", .baggage: "user=ann"])
        #expect(Propagation.ofRun(["TRACEPARENT": "nonsense", "TRACESTATE": "vendor=1"]) == [:])
        #expect(Propagation.ofRun(["BAGGAGE": "a=1\r\nHost: b"]) == [:])
    }
}

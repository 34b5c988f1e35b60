import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Logging
import Testing

@testable import LaminaServer

struct ServerSpanTests {
    private static let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"

    /// Runs a request through the outermost layer, up to the end of its answer.
    private func answer(
        _ method: HTTPRequest.Method = .get, _ path: String = "/v1/models?key=secret", _ fields: HTTPFields = [:],
        tracer: Tracer?, route: String? = "/v1/models", status: HTTPResponse.Status = .ok,
        outcome: RequestReport.Outcome = .complete
    ) async throws -> OutgoingResponse {
        let log = LogFile()
        let scope = RequestScope(
            identification: try .trustingNobody(), logger: log.logger, tracer: tracer,
            next: { _ in OutgoingResponse(status: status) })
        let request = try IncomingRequest(method: method, target: path, fields: fields, body: [1, 2, 3])
        let response = await scope.respond(to: request)
        response.onFinished?(
            RequestReport(
                method: method, path: request.path, route: route, status: status, requestBytes: 3, responseBytes: 7,
                duration: .zero, remoteAddress: "127.0.0.1:1234", outcome: outcome))
        return response
    }

    @Test func `Says what the conventions for HTTP servers ask for`() async throws {
        let sink = SpanSink()
        let fields: HTTPFields = [.traceParent: "\(Self.parent)-01", .userAgent: "curl", .requestID: "abc-1"]
        let response = try await answer(.get, "/v1/models?key=secret", fields, tracer: sink.tracer())
        let span = try #require(sink.only("GET /v1/models"))
        #expect(span.kind == .server && span.failure == nil)
        #expect(span.parent?.id.description == "b7ad6b7169203331" && span.parent?.isRemote == true)
        #expect(response.headers[.traceParent] == span.context.traceparent)
        #expect(
            span.attributes == [
                "http.request.method": .string("GET"), "url.path": .string("/v1/models"), "url.scheme": .string("http"),
                "lamina.request_id": .string("abc-1"), "server.address": .string("localhost"),
                "client.address": .string("local"), "network.peer.address": .string("local"),
                "user_agent.original": .string("curl"), "http.route": .string("/v1/models"),
                "http.response.status_code": .integer(200), "http.request.body.size": .integer(3),
                "http.response.body.size": .integer(7),
            ])
    }

    @Test(arguments: [
        ("01", TraceSampler.parentBased(root: .alwaysOff), true), ("00", .parentBased(root: .alwaysOn), false),
        ("00", .alwaysOn, true), ("01", .alwaysOff, false),
    ])
    func `Is recorded as the sampler decides, and the answer says so`(
        flags: String, sampler: TraceSampler, isRecorded: Bool
    ) async throws {
        let sink = SpanSink()
        let fields: HTTPFields = [.traceParent: "\(Self.parent)-\(flags)"]
        let response = try await answer(.get, "/a", fields, tracer: sink.tracer(sampler))
        #expect(sink.spans.count == (isRecorded ? 1 : 0))
        #expect(response.headers[.traceParent]?.hasSuffix(isRecorded ? "-01" : "-00") == true)
    }

    @Test(arguments: [("01", "-01"), ("00", "-00")])
    func `Where nothing is recorded the caller's decision is passed on`(flags: String, answered: String) async throws {
        let fields: HTTPFields = [.traceParent: "\(Self.parent)-\(flags)"]
        let continued = try await answer(.get, "/a", fields, tracer: nil)
        #expect(continued.headers[.traceParent]?.hasSuffix(answered) == true)
        let new = try await answer(.get, "/a", tracer: nil)
        #expect(new.headers[.traceParent]?.hasSuffix("-00") == true, "nobody records it")
    }

    @Test func `A trace that begins here has no parent`() async throws {
        let sink = SpanSink()
        _ = try await answer(.get, "/a", tracer: sink.tracer())
        #expect(try #require(sink.spans.first).parent == nil)
    }

    @Test func `Continues B3, and decides what it leaves open`() async throws {
        let sink = SpanSink()
        let fields: HTTPFields = [.b3: "80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1"]
        let response = try await answer(.get, "/a", fields, tracer: sink.tracer())
        let span = try #require(sink.spans.first)
        #expect(span.context.traceID.description == "80f198ee56343ba864fe8b2a57d3eff7")
        #expect(span.parent?.id.description == "e457b5a2e4d86bd1")
        #expect(response.headers[.traceParent]?.hasSuffix("-01") == true)
        _ = try await answer(.get, "/a", [.b3: "0"], tracer: sink.tracer())
        #expect(sink.spans.count == 1)
    }

    @Test(arguments: ["/livez", "/readyz", "/health", "/metrics"])
    func `Probes and scrapes have none`(path: String) async throws {
        let sink = SpanSink()
        _ = try await answer(.get, path, [.traceParent: "\(Self.parent)-01"], tracer: sink.tracer(.alwaysOn))
        #expect(sink.spans.isEmpty)
    }

    @Test(arguments: [
        (HTTPResponse.Status.notFound, RequestReport.Outcome.complete, nil, nil),
        (.serviceUnavailable, .complete, "503", nil), (.ok, .clientGone, nil, "client_gone"),
        (.ok, .writeTimedOut, "write_timed_out", "write_timed_out"), (.ok, .cancelled, "cancelled", "cancelled"),
        (.ok, .bodyFailed("why"), "body_failed", "body_failed"),
    ])
    func `Failed where the server did, not where the client did`(
        status: HTTPResponse.Status, outcome: RequestReport.Outcome, errorType: String?, name: String?
    ) async throws {
        let sink = SpanSink()
        _ = try await answer(.get, "/a", tracer: sink.tracer(), status: status, outcome: outcome)
        let span = try #require(sink.spans.first)
        #expect(span.attributes["error.type"] == errorType.map { .string($0) })
        #expect((span.failure == nil) == (errorType == nil))
        #expect(span.attributes["lamina.outcome"] == name.map { .string($0) })
    }

    @Test func `Names are of low cardinality, whatever clients send`() async throws {
        let sink = SpanSink()
        _ = try await answer(.init(rawValue: "BREW") ?? .get, "/pot/1", tracer: sink.tracer(), route: nil)
        let span = try #require(sink.only("HTTP"))
        #expect(span.attributes["http.request.method"] == .string("_OTHER"))
        #expect(span.attributes["http.request.method_original"] == .string("BREW"))
        _ = try await answer(.post, "/unknown/1", tracer: sink.tracer(), route: nil, status: .notFound)
        #expect(sink.only("POST") != nil)
    }

    @Test func `Who asks is in it`() async throws {
        let sink = SpanSink()
        let source = try #require(APIKeySource(file: nil, environment: "alice:key-of-alice"))
        let keys = try APIKeyStore(source, logger: LogFile().logger)
        let scope = RequestScope(
            identification: try .trustingNobody(keys: keys), logger: LogFile().logger, tracer: sink.tracer(),
            next: { _ in OutgoingResponse() })
        let request = try IncomingRequest(
            method: .get, target: "/a", fields: [.authorization: "Bearer key-of-alice"])
        let response = await scope.respond(to: request)
        response.onFinished?(
            RequestReport(
                method: .get, path: "/a", route: nil, status: .ok, requestBytes: 0, responseBytes: 0, duration: .zero,
                remoteAddress: "local", outcome: .complete))
        #expect(try #require(sink.spans.first).attributes["lamina.api_key"] == .string("alice"))
    }
}

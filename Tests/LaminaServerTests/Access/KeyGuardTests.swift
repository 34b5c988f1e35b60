import HTTPTypes
import LaminaHTTP
import LaminaJSON
import Testing

@testable import LaminaServer

struct KeyGuardTests {
    private static let keys = "alice:secret-1,secret-2"

    @Test(
        arguments: [
            ([.authorization: "Bearer secret-1"], "alice"), ([.authorization: "bearer   secret-1"], "alice"),
            ([.apiKey: "secret-1"], "alice"), ([.apiKey: "secret-2"], "environment-key-1"),
            // A mesh's own token, and a key beside it.
            ([.authorization: "Bearer eyJhbGciOi.x.y", .apiKey: "secret-1"], "alice"),
            ([.authorization: "Basic YTpi", .apiKey: "secret-1"], "alice"),
        ] as [(HTTPFields, String)]) func `Takes a key from either field`(_ fields: HTTPFields, _ name: String)
        async throws
    {
        let answer = try await PipelineFixture(keys: Self.keys).ask(.get, "/v1/models", fields)
        #expect(answer.status == 200 && answer.body == #"{"key":"\#(name)"}"#)
    }

    @Test(
        arguments: [
            [:], [.authorization: "Bearer secret-3"], [.authorization: "Bearer"], [.authorization: "Bearer "],
            [.authorization: "secret-1"], [.authorization: "Basic secret-1"],
            [.authorization: "Bearer secret-1,secret-2"], [.apiKey: ""], [.apiKey: "alice"],
            [.apiKey: "alice:secret-1"],
            [.apiKey: "secret-"], [.cookie: "secret-1"],
        ] as [HTTPFields]) func `Answers 401 to everything else, always the same`(_ fields: HTTPFields) async throws
    {
        let answer = try await PipelineFixture(keys: Self.keys).ask(.get, "/v1/models", fields)
        #expect(answer.status == 401)
        #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="lamina""#)
        #expect(answer.body == String(decoding: APIError.invalidKey.body, as: UTF8.self))
        #expect(try JSONValue(parsing: answer.body)["error"]?["code"] == "invalid_api_key")
        #expect(!answer.body.contains("secret"))
    }

    @Test func `Bodies are read of who holds a key, and on routes that need none`() throws {
        let admits = try #require(try PipelineFixture(keys: Self.keys).pipeline.admitsBody)
        let large: HTTPFields = [.contentLength: "8000000"]
        let known: HTTPFields = [.contentLength: "8000000", .apiKey: "secret-1"]
        for (path, fields, isRead) in [
            ("/v1/models", large, false), ("/nowhere", large, false), ("/livez", large, true),
            ("/v1/models", known, true),
        ] {
            #expect(try admits(IncomingRequest(method: .post, target: path, fields: fields)) == isRead, "\(path)")
        }
        #expect(try PipelineFixture().pipeline.admitsBody == nil)
    }

    @Test func `A field given twice counts for nothing`() async throws {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .authorization, value: "Bearer secret-1"))
        fields.append(HTTPField(name: .authorization, value: "Bearer secret-1"))
        #expect(try await PipelineFixture(keys: Self.keys).ask(.get, "/v1/models", fields).status == 401)
    }

    @Test func `Probes and metrics are open, all else is not, unknown paths included`() async throws {
        let fixture = try PipelineFixture(keys: Self.keys)
        for path in ["/livez", "/readyz", "/health", "/metrics"] {
            #expect(try await fixture.ask(.get, path).status == 200, "\(path)")
            #expect(try await fixture.ask(.head, path).status == 200, "\(path)")
        }
        for path in [
            "/v1/models", "/v1/models/livez", "/nowhere", "/", "/livez/", "//livez", "/livez/x", "/LIVEZ",
            "/v1/models?/livez",
        ] {
            #expect(try await fixture.ask(.get, path).status == 401, "\(path)")
            #expect(try await fixture.ask(.options, path).status == 401, "\(path)")
        }
        #expect(try await fixture.ask(.options, "*").status == 401)
        #expect(try await fixture.ask(.get, "/nowhere", [.apiKey: "secret-2"]).status == 404)
    }

    @Test func `Metrics can be protected`() async throws {
        let fixture = try PipelineFixture(keys: Self.keys) { $0.access.protectsMetrics = true }
        #expect(try await fixture.ask(.get, "/metrics").status == 401)
        #expect(try await fixture.ask(.get, "/metrics", [.apiKey: "secret-2"]).status == 200)
        #expect(try await fixture.ask(.get, "/readyz").status == 200)
    }

    @Test func `Without keys everything is open`() async throws {
        let answer = try await PipelineFixture().ask(.get, "/v1/models", [.apiKey: "secret-1"])
        #expect(answer.status == 200 && answer.body == #"{"key":"none"}"#)
    }

    @Test func `Nothing is expanded for strangers`() async throws {
        // Not gzip: who may not ask is told so first.
        let fields: HTTPFields = [.contentEncoding: "gzip"]
        let fixture = try PipelineFixture(keys: Self.keys)
        let request = try IncomingRequest(method: .get, target: "/v1/models", fields: fields, body: [1, 2, 3])
        #expect(await fixture.pipeline.handler(request).status.code == 401)
    }

    @Test func `The log has the key's name and never the key`() async throws {
        let fixture = try PipelineFixture(keys: Self.keys)
        _ = try await fixture.ask(.get, "/v1/models", [.authorization: "Bearer secret-1"])
        _ = try await fixture.ask(.get, "/v1/models", [.authorization: "Bearer secret-3"])
        let text = fixture.log.text
        #expect(text.contains(#""api_key":"alice""#) && text.contains(#""status":401"#))
        #expect(!text.contains("secret"))
    }

    @Test func `The route of a refused request is known to the metrics`() async throws {
        let handler = try PipelineFixture(keys: Self.keys).pipeline.handler
        #expect(await handler(try IncomingRequest(method: .get, target: "/v1/models/x")).route == "/v1/models/{id}")
    }
}

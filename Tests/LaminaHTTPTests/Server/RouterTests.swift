import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RouterTests {
    private let router: Router = {
        var router = Router()
        router.add(.get, "/") { _ in .text("root") }
        router.add(.get, "/v1/models") { _ in .text("list") }
        router.add(.get, "/v1/models/{model}") { .text("model \($0.pathParameters["model"] ?? "")") }
        router.add(.delete, "/v1/models/{model}") { .text("delete \($0.pathParameters["model"] ?? "")") }
        router.add(.get, "/v1/models/default") { _ in .text("default") }
        router.add(.get, "/files/{path...}") { .text("file \($0.pathParameters["path"] ?? "")") }
        router.add(.post, "/v1/completions") { .text("post \($0.body.count)") }
        return router
    }()

    private func respond(_ method: HTTPRequest.Method, _ target: String) async throws -> (OutgoingResponse, String) {
        let response = await router.respond(to: try IncomingRequest(method: method, target: target, body: [1, 2]))
        guard case .bytes(let bytes) = response.body else { return (response, "") }
        return (response, String(decoding: bytes, as: UTF8.self))
    }

    @Test(arguments: [
        ("/", "root"), ("/v1/models", "list"), ("/v1/models?limit=1", "list"), ("/v1/models/a", "model a"),
        ("/v1/models/org%2Fname", "model org/name"), ("/v1/models/default", "default"),
        ("/files/a/b/c", "file a/b/c"), ("/v1/%6dodels", "list"),
    ])
    func `Finds the handler`(target: String, text: String) async throws {
        let (response, body) = try await respond(.get, target)
        #expect(response.status == .ok)
        #expect(body == text)
    }

    @Test func `Names the route for metrics`() async throws {
        #expect(try await respond(.get, "/v1/models/a").0.route == "/v1/models/{model}")
        #expect(try await respond(.put, "/v1/models/a").0.route == "/v1/models/{model}")
        #expect(try await respond(.get, "/nothing").0.route == nil)
    }

    @Test(arguments: ["/v1", "/v1/models/", "/v1/models/a/b", "/V1/models", "//", "/files", "/files/"])
    func `Answers an unknown path with 404`(target: String) async throws {
        #expect(try await respond(.get, target).0.status == .notFound)
    }

    @Test func `Answers another method with 405 and the methods allowed`() async throws {
        let (response, body) = try await respond(.put, "/v1/models/a")
        #expect(response.status == .methodNotAllowed)
        #expect(response.headers[.allow] == "DELETE, GET, HEAD, OPTIONS")
        #expect(body == "/v1/models/a does not take PUT.\n")
        #expect(try await respond(.head, "/v1/completions").0.status == .methodNotAllowed)
    }

    @Test func `Answers HEAD by the handler of GET`() async throws {
        #expect(try await respond(.head, "/v1/models").1 == "list")
    }

    @Test func `Answers OPTIONS with the methods allowed`() async throws {
        let (response, _) = try await respond(.options, "/v1/completions")
        #expect(response.status == .noContent)
        #expect(response.headers[.allow] == "OPTIONS, POST")
        #expect(try await respond(.options, "*").0.headers[.allow] == "DELETE, GET, HEAD, OPTIONS, POST")
        #expect(try await respond(.options, "/nothing").0.status == .notFound)
    }

    @Test func `Renders its errors as told`() async throws {
        let router = Router { status, message in
            ErrorBody(contentType: "application/json", bytes: Array("{\(status.code)}".utf8))
        }
        let response = await router.respond(to: try IncomingRequest(method: .get, target: "/"))
        #expect(response.headers[.contentType] == "application/json")
        guard case .bytes(let bytes) = response.body else {
            Issue.record("the error has a body")
            return
        }
        #expect(bytes == Array("{404}".utf8))
    }
}

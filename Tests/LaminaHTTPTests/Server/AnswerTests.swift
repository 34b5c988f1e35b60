import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// What clients read: the requirements of RFC 9110 and RFC 9112 for answers.
struct AnswerTests {
    private static let router: Router = {
        var router = Router()
        router.add(.get, "/") { _ in .text("root") }
        router.add(.post, "/echo") { .echo($0) }
        router.add(.get, "/204") { _ in OutgoingResponse(status: .noContent, body: .bytes([1, 2])) }
        router.add(.get, "/304") { _ in OutgoingResponse(status: .notModified, body: .bytes([1, 2])) }
        return router
    }()

    private func withRouter(_ body: (Int) async throws -> Void) async throws {
        try await withServer {
            $0.limits.bodyBytes = 1000
        } handler: {
            await Self.router.respond(to: $0)
        } _: { _, port in
            try await body(port)
        }
    }

    /// Requests without Host, the statuses of their answers, and whether the connection serves on.
    @Test(arguments: [
        ("GET / HTTP/1.1", "", 200, true), ("GET / HTTP/1.2", "", 200, true), ("GET / HTTP/1.0", "", 200, false),
        ("GET http://a/ HTTP/1.1", "", 200, true), ("GET /none HTTP/1.1", "", 404, true),
        ("PUT / HTTP/1.1", "Content-Length: 2\r\n\r\nhi", 405, true), ("TRACE / HTTP/1.1", "", 405, true),
        ("BREW / HTTP/1.1", "", 501, true), ("get / HTTP/1.1", "", 501, true), ("BREW /none HTTP/1.1", "", 501, true),
        ("CONNECT a:80 HTTP/1.1", "", 501, false), ("OPTIONS * HTTP/1.1", "", 204, true),
        ("OPTIONS http://a HTTP/1.1", "", 204, true), ("OPTIONS / HTTP/1.1", "", 204, true),
        ("POST /echo HTTP/1.1", "", 200, true), ("POST /echo HTTP/1.1", "Content-Length: 2\r\n\r\nhi", 200, true),
        ("POST /echo HTTP/1.1", "Content-Length: 1001\r\n\r\n", 413, false),
        ("POST /echo HTTP/1.1", "Transfer-Encoding: br\r\n\r\n", 501, false),
        ("GET / HTTP/1.1", "Expect: b\r\n\r\n", 417, false), ("GET / HTTP/2.0", "", 505, false),
        ("GET /.. HTTP/1.1", "", 400, false), ("GET / HTTP/1.1", "A : b\r\n\r\n", 400, false),
        ("GET / HTTP/1.1", "Connection: close\r\n\r\n", 200, false),
        ("GET /204 HTTP/1.1", "", 204, true), ("GET /304 HTTP/1.1", "", 304, true),
    ])
    func `Answers with the status that belongs there`(line: String, rest: String, status: Int, persists: Bool)
        async throws
    {
        try await withRouter { port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("\(line)\r\nHost: a\r\n" + (rest.isEmpty ? "\r\n" : rest))
            let response = try await client.response()
            #expect(response.status == status)
            #expect(response.fields["date"]?.hasSuffix(" GMT") == true)
            #expect((response.fields["allow"] != nil) == [204, 405].contains(status) || line.hasPrefix("GET /204"))
            if status == 204 || status == 304 { #expect(response.fields["content-length"] == nil) }
            if persists {
                #expect(response.fields["connection"] == nil)
                #expect(try await client.get("/").text == "root")
            } else {
                #expect(response.fields["connection"] == "close")
                #expect(try await client.rest().isEmpty)
            }
        }
    }

    @Test(arguments: [("HEAD / HTTP/1.1", "", 200), ("HEAD /none HTTP/1.1", "", 404), ("HEAD /echo HTTP/1.1", "", 405)])
    func `Answers HEAD without a body`(line: String, fields: String, status: Int) async throws {
        try await withRouter { port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("\(line)\r\nHost: a\r\n\(fields)\r\n")
            let response = try await client.response(hasBody: false)
            #expect(response.status == status)
            #expect(response.fields["content-length"].flatMap { Int($0) } ?? 0 > 0)
            #expect(try await client.get("/").text == "root", "nothing lies between the answers")
        }
    }

    @Test func `Refuses HEAD without a body, too`() async throws {
        try await withRouter { port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\nExpect: b\r\n\r\n")
            #expect(try await client.response(hasBody: false).status == 417)
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Has refusals answered by whoever knows how, with what was understood of the request`() async throws {
        let seen = Mutex<[Refusal]>([])
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(port: 0), handler: { .echo($0) },
            refusal: { refusal in
                seen.withLock { $0.append(refusal) }
                return OutgoingResponse(status: refusal.status, headers: [.eTag: "mine"])
            })
        try server.bind()
        let port = try #require(server.port)
        let run = Task { try await server.run() }
        for text in [
            "\u{16}\u{3}\u{1}", "POST /a%20b HTTP/1.1\r\nHost: a\r\nETag: e\r\nContent-Length: 99999999\r\n\r\n",
        ] {
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send(text)
            let response = try await client.response()
            #expect(response.fields["etag"] == "mine")
            #expect(response.fields["connection"] == "close")
        }
        server.stopNow()
        try await run.value
        let refusals = seen.withLock { $0 }
        #expect(refusals.map(\.status.code) == [400, 413])
        #expect(refusals.map(\.method) == [nil, .post])
        #expect(refusals.map(\.path) == [nil, "/a b"])
        #expect(refusals.last?.fields[.eTag] == "e")
        #expect(refusals.allSatisfy { $0.remoteAddress.hasPrefix("127.0.0.1:") })
    }
}

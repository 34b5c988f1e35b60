import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RedirectTrailTests {
    private func head(_ status: Int, _ location: String? = "/next") -> ResponseHead {
        var fields = HTTPFields()
        fields[.location] = location
        return ResponseHead(status: .init(code: status), fields: fields, framing: .fixed(0), keepsAlive: true)
    }

    private func trail(
        _ method: HTTPRequest.Method = .get, _ url: String = "http://a/b/c", headers: HTTPFields = [:],
        body: [UInt8]? = nil, redirects: RedirectPolicy = .usual
    ) throws -> RedirectTrail {
        RedirectTrail(ClientRequest(method, try HTTPURL(url), headers: headers, body: body, redirects: redirects))
    }

    /// RFC 9110 §15.4.2 to §15.4.9.
    @Test(arguments: [
        (301, "GET", "GET"), (302, "GET", "GET"), (303, "GET", "GET"), (307, "GET", "GET"), (308, "GET", "GET"),
        (301, "HEAD", "HEAD"), (303, "HEAD", "HEAD"), (307, "HEAD", "HEAD"),
        (301, "POST", "GET"), (302, "POST", "GET"), (303, "POST", "GET"), (307, "POST", "POST"), (308, "POST", "POST"),
        (301, "PUT", "PUT"), (302, "PUT", "PUT"), (303, "PUT", "GET"), (303, "DELETE", "GET"), (308, "PUT", "PUT"),
    ])
    func `Keeps or changes the method as the status says`(status: Int, before: String, after: String) throws {
        let method = try #require(HTTPRequest.Method(rawValue: before))
        let body = method == .get || method == .head ? nil : Array("body".utf8)
        var trail = try trail(method, headers: [.contentType: "text/plain", .accept: "x"], body: body)
        #expect(try trail.follow(head(status)))
        #expect(trail.request.method.rawValue == after)
        #expect(trail.request.url == (try HTTPURL("http://a/next")))
        let keepsBody = before == after
        #expect(trail.request.body == (keepsBody ? body : nil))
        #expect(trail.request.headers[.contentType] == (keepsBody ? "text/plain" : nil))
        #expect(trail.request.headers[.accept] == "x")
    }

    @Test(arguments: [200, 204, 300, 304, 305, 306, 404])
    func `Other statuses are answers`(status: Int) throws {
        var trail = try trail()
        #expect(try !trail.follow(head(status)))
    }

    @Test func `A redirect without Location, or that nobody wants followed, is an answer`() throws {
        var trail = try trail()
        #expect(try !trail.follow(head(302, nil)))
        trail = try self.trail(redirects: .never)
        #expect(try !trail.follow(head(302)))
        #expect(ClientRequest(.post, try HTTPURL("http://a")).redirects == .never)
        #expect(ClientRequest(.delete, try HTTPURL("http://a")).redirects == .never)
        #expect(ClientRequest(.get, try HTTPURL("http://a")).redirects == .usual)
    }

    @Test(arguments: [
        ("d", "http://a:80/b/d"), ("../d?e#f", "http://a:80/d?e"), ("//other/x", "http://other:80/x"),
        ("https://a/x", "https://a:443/x"), ("?q", "http://a:80/b/c?q"), ("/ä b", "http://a:80/%C3%A4%20b"),
    ])
    func `Resolves the Location against where it stood`(location: String, expected: String) throws {
        var trail = try trail()
        #expect(try trail.follow(head(302, location)))
        #expect(trail.request.url.description == expected)
    }

    @Test func `Takes credentials along within an origin only, and does not give them back`() throws {
        let key = try #require(HTTPField.Name("X-Api-Key"))
        let secrets: HTTPFields = [
            .authorization: "a", .cookie: "b", key: "c", .accept: "d", try #require(HTTPField.Name("baggage")): "e",
        ]
        var trail = try trail(headers: secrets)
        #expect(try trail.follow(head(302, "/same")))
        #expect(trail.request.headers == secrets)
        #expect(try trail.follow(head(302, "http://a:81/other")))
        #expect(trail.request.headers == [.accept: "d"])
        #expect(try trail.follow(head(302, "http://a/back")))
        #expect(trail.request.headers == [.accept: "d"])
    }

    @Test func `A change to https is another origin`() throws {
        var trail = try trail(headers: [.authorization: "a"])
        #expect(try trail.follow(head(301, "https://a/b/c")))
        #expect(trail.request.headers[.authorization] == nil)
    }

    @Test func `Refuses to leave https`() throws {
        var trail = try trail(.get, "https://a/")
        #expect(
            throws: HTTPClientError.redirectRefused(
                from: trail.request.url.origin, to: "http://a/?...", fault: .downgrade)
        ) {
            try trail.follow(head(302, "http://a/?secret"))
        }
    }

    @Test func `Refuses more redirects than allowed`() throws {
        var trail = try trail(redirects: .follow(limit: 2))
        #expect(try trail.follow(head(302, "/1")))
        #expect(try trail.follow(head(302, "/2")))
        let origin = trail.request.url.origin
        #expect(throws: HTTPClientError.redirectRefused(from: origin, to: "/3", fault: .tooMany(limit: 2))) {
            try trail.follow(head(302, "/3"))
        }
    }

    @Test func `Refuses a loop, and takes a POST that becomes a GET of the same URL for none`() throws {
        var trail = try trail()
        #expect(try trail.follow(head(302, "/x")))
        #expect(throws: HTTPClientError.self) { try trail.follow(head(302, "/b/c")) }
        trail = try self.trail(.post)
        #expect(try trail.follow(head(303, "/b/c")))
    }

    @Test(arguments: ["ftp://a/", "mailto:x", "http://user:pw@a/", "http://", "http://[::1"])
    func `Refuses a Location that is no URL of http`(location: String) throws {
        var trail = try trail()
        let origin = trail.request.url.origin
        #expect(throws: HTTPClientError.redirectRefused(from: origin, to: location, fault: .malformedLocation)) {
            try trail.follow(head(302, location))
        }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct RedirectTests {
    private static func moved(_ status: Int, to location: String, body: String = "") -> String {
        "HTTP/1.1 \(status) Moved\r\nLocation: \(location)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    @Test func `Goes on to where redirects lead, on the same connection`() async throws {
        try await RawServer.run { connection in
            try await connection.answer { head in
                switch head.prefix(while: { $0 != "\r\n" }) {
                case "GET / HTTP/1.1": Self.moved(301, to: "/a/b", body: "moved")
                case "GET /a/b HTTP/1.1": Self.moved(307, to: "../c?d")
                default: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n\(connection.number)"
                }
            }
        } _: { server in
            let client = HTTPClient()
            defer { client.close() }
            try await client.withResponse(to: ClientRequest(.get, server.url)) { response in
                #expect(response.url.path == "/c?d")
                // All of it on the first connection.
                let body = try await response.collect()
                #expect(body == Array("0".utf8))
            }
            let asked = ClientRequest(.get, server.url, redirects: .never)
            #expect(try await client.send(asked).head.status == .movedPermanently)
        }
    }

    @Test func `Goes on to another server, without the key for the first`() async throws {
        try await RawServer.run { connection in
            let head = try await connection.readHead()
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: \(head.utf8.count)\r\n\r\n\(head)")
        } _: { second in
            try await RawServer.run { connection in
                try await connection.readHead()
                try await connection.send(Self.moved(302, to: "\(second.url)"))
            } _: { first in
                let client = HTTPClient()
                defer { client.close() }
                let request = ClientRequest(.get, first.url, headers: [.authorization: "Bearer k", .accept: "x"])
                let seen = String(decoding: try await client.send(request).body, as: UTF8.self)
                #expect(seen.contains("Accept: x"))
                #expect(seen.contains("Host: \(second.url.origin.authority)"))
                #expect(!seen.contains("Bearer"))
            }
        }
    }

    @Test func `All redirects together have one deadline`() async throws {
        try await RawServer.run { connection in
            var number = 0
            try await connection.answer { _ in
                number += 1
                return Self.moved(302, to: "/\(connection.number)-\(number)")
            }
        } _: { server in
            let total = Duration.milliseconds(100)
            let client = HTTPClient(timeouts: .init(total: total))
            defer { client.close() }
            let request = ClientRequest(.get, server.url, redirects: .follow(limit: .max))
            let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
            guard case .timedOut(_, _, limit: total) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }
}

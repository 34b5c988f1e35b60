import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RequestParserTests {
    @Test func `Reads method, target, host and fields`() throws {
        let request = try ParsedInput.request(
            "GET /v1/models?limit=2 HTTP/1.1\r\nHost: lamina:8080\r\nAccept:  text/html \t\r\nX-Empty:\r\n\r\n")
        #expect(request.head.request.method == .get)
        #expect(request.head.request.path == "/v1/models?limit=2")
        #expect(request.head.request.authority == "lamina:8080")
        #expect(request.head.request.headerFields[.accept] == "text/html")
        #expect(request.head.request.headerFields.count == 2)
        #expect(request.head.target.path == "/v1/models")
        #expect(request.head.target.query == "limit=2")
        #expect(request.head.version == .http1_1)
        #expect(request.head.framing == .none)
        #expect(request.body.isEmpty)
    }

    @Test func `Reads a body of fixed length`() throws {
        let request = try ParsedInput.request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        #expect(request.head.framing == .fixed(5))
        #expect(request.body == Array("hello".utf8))
    }

    @Test func `Takes a content length of zero as no body`() throws {
        let request = try ParsedInput.request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        #expect(request.head.framing == .none)
    }

    @Test func `Takes leading zeros in a content length`() throws {
        let request = try ParsedInput.request("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 002\r\n\r\nok")
        #expect(request.body == Array("ok".utf8))
    }

    @Test func `Skips empty lines before a request`() throws {
        _ = try ParsedInput.request("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
    }

    @Test func `Takes HTTP 1.0 without a host`() throws {
        let request = try ParsedInput.request("GET / HTTP/1.0\r\n\r\n")
        #expect(request.head.version == .http1_0)
        #expect(request.head.request.authority == nil)
        #expect(!request.head.wantsKeepAlive)
    }

    @Test func `Keeps fields of the same name in order`() throws {
        let request = try ParsedInput.request("GET / HTTP/1.1\r\nHost: a\r\nAccept: a\r\naccept: b\r\n\r\n")
        #expect(request.head.request.headerFields[values: .accept] == ["a", "b"])
    }

    @Test func `Takes bytes beyond ASCII in a field value`() throws {
        let request = try ParsedInput.request("GET / HTTP/1.1\r\nHost: a\r\nUser-Agent: Zoë\r\n\r\n")
        #expect(request.head.request.headerFields[.userAgent] == "Zoë")
    }

    @Test func `Takes the authority of an absolute target over the host field`() throws {
        let request = try ParsedInput.request("GET http://other:81/x?y HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(request.head.request.authority == "other:81")
        #expect(request.head.request.path == "/x?y")
    }

    @Test(arguments: [
        ("HTTP/1.1", "", true), ("HTTP/1.1", "Connection: close\r\n", false),
        ("HTTP/1.1", "Connection: Foo , CLOSE\r\n", false), ("HTTP/1.1", "Connection: keep-alive\r\n", true),
        ("HTTP/1.0", "", false), ("HTTP/1.0", "Connection: Keep-Alive\r\n", true),
        ("HTTP/1.0", "Connection: keep-alive\r\nConnection: close\r\n", false),
    ])
    func `Knows whether the client wants to keep the connection`(version: String, field: String, keeps: Bool) throws {
        let request = try ParsedInput.request("GET / \(version)\r\nHost: a\r\n\(field)\r\n")
        #expect(request.head.wantsKeepAlive == keeps)
    }

    @Test func `Tells that the client waits for 100 Continue`() throws {
        let request = try ParsedInput.request(
            "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx")
        #expect(request.head.expectsContinue)
        let old = try ParsedInput.request("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")
        #expect(!old.head.expectsContinue)
    }

    @Test func `Reads pipelined requests one after another`() {
        let text = (0..<5).map { "POST /\($0) HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n\($0)" }.joined()
        let parsed = ParsedInput.everyWay(text)
        #expect(parsed.requests.map(\.head.target.path) == ["/0", "/1", "/2", "/3", "/4"])
        #expect(parsed.requests.map(\.body) == (0..<5).map { Array("\($0)".utf8) })
    }

    @Test func `Throws the same error again after a refusal`() {
        var parser = RequestParser(limits: HTTPLimits())
        parser.feed(Array("GET / HTTP/3.0\r\n".utf8))
        #expect(throws: RequestError.unsupportedVersion("HTTP/3.0")) { try parser.next() }
        parser.feed(Array(ParsedInput.following.utf8))
        #expect(throws: RequestError.unsupportedVersion("HTTP/3.0")) { try parser.next() }
    }

    @Test func `Knows whether it is inside a request`() throws {
        var parser = RequestParser(limits: HTTPLimits())
        #expect(!parser.isInsideRequest)
        parser.feed(Array("\r\n".utf8))
        #expect(try parser.next() == nil)
        #expect(!parser.isInsideRequest)
        parser.feed(Array("G".utf8))
        #expect(parser.isInsideRequest)
        parser.feed(Array("ET / HTTP/1.0\r\n\r\n".utf8))
        while let event = try parser.next() {
            if case .end = event { break }
            #expect(parser.isInsideRequest)
        }
        #expect(!parser.isInsideRequest)
    }
}

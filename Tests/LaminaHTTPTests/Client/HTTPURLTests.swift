import HTTPTypes
import Testing

@testable import LaminaHTTP

struct HTTPURLTests {
    @Test(arguments: [
        ("http://localhost", "localhost", 80, "/"), ("HTTP://h:81", "h", 81, "/"),
        ("http://h/a/b?c=d", "h", 80, "/a/b?c=d"),
        ("http://[::1]:8080/x", "::1", 8080, "/x"), ("http://[::1]", "::1", 80, "/"),
        ("http://h:65535?a", "h", 65_535, "/?a"),
    ])
    func `Takes hosts, addresses, ports and paths`(text: String, host: String, port: Int, path: String) throws {
        let url = try HTTPURL(text)
        #expect(url.origin == HTTPOrigin(scheme: .http, host: host, port: port))
        #expect(url.path == path)
    }

    @Test(arguments: [
        "", "h:80", "http://", "http://:80", "http://host:0/", "http://host:x", "http://h:99999", "http://h:",
        "http://h:1/a b",
        "http://h/#a", "http://[::1", "http://[::1]x", "http://u@h/", "http://::1/", "http://h/é",
    ])
    func `Refuses what is no URL`(text: String) {
        #expect(throws: HTTPClientError.malformedURL(text)) { try HTTPURL(text) }
    }

    @Test(arguments: ["ws://a/", "ftp://a"])
    func `Says that a scheme is not served`(text: String) {
        #expect(throws: HTTPClientError.unsupportedScheme(text)) { try HTTPURL(text) }
    }

    @Test func `Takes https with a port of its own`() throws {
        let url = try HTTPURL("https://Host.Example/a?b")
        #expect(url.origin == HTTPOrigin(scheme: .https, host: "host.example", port: 443))
        #expect(url.origin.authority == "host.example")
        #expect(url.withoutQuery == "https://host.example:443/a?...")
        #expect(url.absoluteForm == "https://host.example/a?b")
    }

    @Test func `Does not repeat a password that stands in a URL`() throws {
        let error = try #require(throws: HTTPClientError.self) { try HTTPURL("http://user:secret@host/path") }
        #expect("\(error)".contains("http://...@host/path"))
        #expect(!"\(error)".contains("secret"))
    }

    @Test func `Names the host as the Host field does`() throws {
        #expect(try HTTPURL("http://[::1]").origin.authority == "[::1]")
        #expect(try HTTPURL("http://[::1]:81").origin.authority == "[::1]:81")
        #expect(try HTTPURL("http://h:80").origin.authority == "h")
        #expect("\(try HTTPURL("http://h/a"))" == "http://h:80/a")
    }

    @Test func `Encodes a request, with its own framing in place of the caller's`() throws {
        let host = try #require(HTTPField.Name("Host"))
        let request = ClientRequest(
            .post, try HTTPURL("http://h:81/a"),
            headers: [
                .accept: "x", host: "evil", .contentLength: "9", .transferEncoding: "chunked", .connection: "close",
            ],
            body: Array("hi".utf8))
        #expect(
            String(decoding: try request.encoded(), as: UTF8.self)
                == "POST /a HTTP/1.1\r\nHost: h:81\r\nAccept: x\r\nContent-Length: 2\r\n\r\nhi")
        #expect(!request.isRepeatable)
        let get = ClientRequest(.get, try HTTPURL("http://h"))
        #expect(String(decoding: try get.encoded(), as: UTF8.self) == "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        #expect(get.isRepeatable)
    }
}

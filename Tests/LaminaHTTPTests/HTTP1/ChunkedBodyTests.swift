import HTTPTypes
import Testing

@testable import LaminaHTTP

struct ChunkedBodyTests {
    private static let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test func `Joins the chunks`() throws {
        let request = try ParsedInput.request(Self.head + "5\r\nhello\r\n1\r\n \r\nA\r\n0123456789\r\n0\r\n\r\n")
        #expect(request.head.framing == .chunked)
        #expect(request.body == Array("hello 0123456789".utf8))
        #expect(request.trailers == HTTPFields())
    }

    @Test func `Takes sizes in either case and with leading zeros`() throws {
        let request = try ParsedInput.request(Self.head + "00a\r\n0123456789\r\n0B\r\n0123456789a\r\n000\r\n\r\n")
        #expect(request.body.count == 21)
    }

    @Test func `Throws extensions away`() throws {
        let request = try ParsedInput.request(Self.head + "2;a=b;c=\"d e\"\r\nok\r\n0 ; last\r\n\r\n")
        #expect(request.body == Array("ok".utf8))
    }

    @Test func `Keeps trailers apart from the fields`() throws {
        let request = try ParsedInput.request(Self.head + "1\r\nx\r\n0\r\nETag: e\r\nServer: s\r\n\r\n")
        #expect(request.trailers == [.eTag: "e", .server: "s"])
        #expect(request.head.request.headerFields[.eTag] == nil)
    }

    @Test func `Takes chunk data that look like the end`() throws {
        let request = try ParsedInput.request(Self.head + "7\r\n\r\n0\r\n\r\n\r\n0\r\n\r\n")
        #expect(request.body == Array("\r\n0\r\n\r\n".utf8))
    }
}

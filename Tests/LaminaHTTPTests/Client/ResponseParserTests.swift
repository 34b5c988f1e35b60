import HTTPTypes
import Testing

@testable import LaminaHTTP

struct ResponseParserTests {
    @Test func `Reads status, fields and a body of known length`() throws {
        let parsed = ParsedResponse.everyWay(
            "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\nX-A: 1\r\nX-A: 2\r\n\r\nhello")
        let head = try #require(parsed.head)
        #expect(head.status == .notFound)
        #expect(head.fields[values: HTTPField.Name("X-A") ?? .accept] == ["1", "2"])
        #expect(head.framing == .fixed(5))
        #expect(head.keepsAlive)
        #expect(parsed.text == "hello")
        #expect(parsed.trailers == [:])
    }

    @Test(arguments: ["HTTP/1.1 200\r\n", "HTTP/1.1 200 \r\n", "HTTP/1.1 200 a b\tc é\r\n"])
    func `Takes any reason phrase, or none`(line: String) {
        let parsed = ParsedResponse.everyWay(line + "Content-Length: 0\r\n\r\n")
        #expect(parsed.head?.status.code == 200)
        #expect(parsed.trailers != nil)
    }

    @Test func `Takes the chunked coding off and keeps the trailers`() {
        let parsed = ParsedResponse.everyWay(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n1;x=\"y\"\r\nd\r\n0\r\nETag: t\r\n\r\n")
        #expect(parsed.head?.framing == .chunked)
        #expect(parsed.text == "abcd")
        #expect(parsed.trailers?[.eTag] == "t")
    }

    @Test func `Reads a body without a length to the end of the connection`() throws {
        let parsed = ParsedResponse.everyWay("HTTP/1.1 200 OK\r\n\r\nall of it", isClosed: true)
        #expect(parsed.head?.framing == .untilClose)
        #expect(parsed.head?.keepsAlive == false)
        #expect(parsed.text == "all of it")
        #expect(parsed.trailers != nil)
    }

    @Test func `Skips interim responses`() {
        let parsed = ParsedResponse.everyWay(
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
                + "HTTP/1.1 204 No Content\r\n\r\n")
        #expect(parsed.head?.status == .noContent)
        #expect(parsed.head?.fields.isEmpty == true)
        #expect(parsed.trailers != nil)
    }

    @Test(arguments: [("HEAD", 200), ("GET", 204), ("GET", 304)])
    func `Expects no body where there can be none`(method: String, status: Int) throws {
        let parsed = ParsedResponse.everyWay(
            "HTTP/1.1 \(status) X\r\nContent-Length: 10\r\n\r\n", method: try #require(HTTPRequest.Method(method)))
        #expect(parsed.body.isEmpty)
        #expect(parsed.trailers != nil)
        #expect(parsed.head?.keepsAlive == true)
    }

    @Test(arguments: [
        ("HTTP/1.1", "close", false), ("HTTP/1.1", "keep-alive", true), ("HTTP/1.1", "x, Close", false),
        ("HTTP/1.0", "keep-alive", true), ("HTTP/1.0", "x", false),
    ])
    func `Knows whether the connection persists`(version: String, connection: String, keepsAlive: Bool) {
        let parsed = ParsedResponse.everyWay(
            "\(version) 200 OK\r\nConnection: \(connection)\r\nContent-Length: 1\r\n\r\n.")
        #expect(parsed.head?.keepsAlive == keepsAlive)
    }

    @Test func `Leaves what follows the response alone`() {
        let parsed = ParsedResponse.everyWay("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 408")
        #expect(parsed.text == "ok")
        #expect(parsed.fault == nil)
        #expect(parsed.rest == 12)
    }

    @Test(arguments: [
        ("\u{15}\u{3}\u{1}", ResponseFault.notHTTP(firstByte: 0x15)), ("SSH-2.0\r\n", .notHTTP(firstByte: 0x53)),
        ("HTTP/1.1 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 2000 OK\r\n\r\n", .malformedStatusLine),
        ("HTTP/1.1 099 OK\r\n\r\n", .malformedStatusLine), ("HTTP/1.1 200 \u{1}\r\n\r\n", .malformedStatusLine),
        ("HTP\r\n\r\n", .malformedStatusLine), ("HTTP/2.0 200 OK\r\n\r\n", .unsupportedVersion("HTTP/2.0")),
        ("HTTP/1.1 101 Switching\r\n\r\n", .unexpectedUpgrade),
        ("HTTP/1.1 200 OK\n\n", .malformedMessage(.bareLineFeed)),
        ("HTTP/1.1 200 OK\r\nA : b\r\n\r\n", .malformedMessage(.whitespaceBeforeColon)),
        ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .malformedMessage(.lineFolding)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            .malformedMessage(.repeatedContentLength)
        ),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .malformedMessage(.malformedContentLength)),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
            .lengthAndTransferEncoding
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            .malformedMessage(.unsupportedTransferCoding("gzip"))
        ),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", .malformedMessage(.malformedChunkSize)),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .malformedMessage(.malformedChunkEnd)),
    ])
    func `Refuses what is malformed`(text: String, fault: ResponseFault) {
        #expect(ParsedResponse.everyWay(text).fault == fault)
    }

    @Test(arguments: [
        "", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\nA: b\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n",
    ])
    func `Notices where the connection ends too early`(text: String) {
        #expect(ParsedResponse.everyWay(text, isClosed: true).fault == .truncated)
    }

    @Test func `Keeps its limits`() {
        var limits = HTTPClientLimits()
        limits.statusLineBytes = 32
        limits.headerBytes = 64
        limits.headerCount = 2
        limits.bodyBytes = 4
        limits.interimResponses = 1
        func fault(_ text: String, isClosed: Bool = false) -> ResponseFault? {
            ParsedResponse.everyWay(text, limits: limits, isClosed: isClosed).fault
        }
        let line = "HTTP/1.1 200 OK\r\n"
        #expect(fault("HTTP/1.1 200 " + String(repeating: "a", count: 99)) == .statusLineTooLong(limitBytes: 32))
        #expect(
            fault(line + "A: " + String(repeating: "a", count: 99))
                == .malformedMessage(.headersTooLarge(limitBytes: 64)))
        #expect(fault(line + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n") == .malformedMessage(.tooManyHeaders(limit: 2)))
        #expect(fault(line + "Content-Length: 5\r\n\r\n") == .bodyTooLarge(limitBytes: 4))
        #expect(fault(line + "Transfer-Encoding: chunked\r\n\r\n5\r\n") == .bodyTooLarge(limitBytes: 4))
        #expect(fault(line + "\r\nabcd", isClosed: true) == nil)
        let interim = "HTTP/1.1 102 Wait\r\n\r\n"
        #expect(fault(interim + line + "\r\n", isClosed: true) == nil)
        #expect(fault(interim + interim + line) == .tooManyInterimResponses(limit: 1))
    }

    @Test func `Ends a body without a length at its limit`() {
        var limits = HTTPClientLimits()
        limits.bodyBytes = 4
        let bytes = Array("HTTP/1.1 200 OK\r\n\r\nabcde".utf8)
        #expect(ParsedResponse([bytes[...]], limits: limits).fault == .bodyTooLarge(limitBytes: 4))
        #expect(
            ParsedResponse(bytes.indices.map { bytes[$0...$0] }, limits: limits).fault == .bodyTooLarge(limitBytes: 4))
    }
}

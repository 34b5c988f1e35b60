import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RequestRefusalTests {
    @Test(arguments: [
        ("\u{16}\u{3}\u{1}", RequestError.notHTTP(firstByte: 0x16)),
        (" GET / HTTP/1.1\r\n", .notHTTP(firstByte: 0x20)),
        ("GET\r\n", .malformedRequestLine),
        ("GET /\r\n", .malformedVersion),
        ("GET  / HTTP/1.1\r\n", .malformedRequestLine),
        ("GET / HTTP/1.1 \r\n", .malformedRequestLine),
        ("GET /a b HTTP/1.1\r\n", .malformedRequestLine),
        ("G(T / HTTP/1.1\r\n", .malformedRequestLine),
        ("GET\t/ HTTP/1.1\r\n", .malformedRequestLine),
        ("GET / http/1.1\r\n", .malformedVersion),
        ("GET / HTTP/1\r\n", .malformedVersion),
        ("GET / HTTP/1.10\r\n", .malformedVersion),
        ("GET / HTTP/x.1\r\n", .malformedVersion),
        ("GET / HTTP/1.2\r\n", .unsupportedVersion("HTTP/1.2")),
        ("GET / HTTP/2.0\r\n", .unsupportedVersion("HTTP/2.0")),
        ("PRI * HTTP/2.0\r\n", .unsupportedVersion("HTTP/2.0")),
        ("CONNECT a:80 HTTP/1.1\r\n", .connectUnsupported),
        ("GET / HTTP/1.1\n", .bareLineFeed),
        ("\nGET / HTTP/1.1\r\n", .bareLineFeed),
        ("\r\n\r\n\r\n\r\n\r\n", .tooManyEmptyLines(limit: 4)),
        ("GET /\r HTTP/1.1\r\n", .malformedTarget(.character)),
    ])
    func `Refuses a malformed request line`(text: String, error: RequestError) {
        #expect(ParsedInput.refusal(text) == error)
    }

    @Test(arguments: [
        ("Accept : a\r\n", RequestError.whitespaceBeforeColon),
        ("Accept\t: a\r\n", .whitespaceBeforeColon),
        ("Accept\r\n", .malformedFieldName),
        (": a\r\n", .malformedFieldName),
        ("Acc ept: a\r\n", .malformedFieldName),
        ("Acc\u{e9}pt: a\r\n", .malformedFieldName),
        ("Accept: a\r\n b\r\n", .lineFolding),
        ("Accept: a\r\n\tb\r\n", .lineFolding),
        (" Accept: a\r\n", .lineFolding),
        ("Accept: a\n", .bareLineFeed),
        ("Accept: a\rb\r\n", .malformedFieldValue(name: "Accept")),
        ("Accept: a\u{0}b\r\n", .malformedFieldValue(name: "Accept")),
        ("Accept: a\u{7f}\r\n", .malformedFieldValue(name: "Accept")),
    ])
    func `Refuses a malformed field`(field: String, error: RequestError) {
        #expect(ParsedInput.refusal("GET / HTTP/1.1\r\nHost: a\r\n\(field)\r\n") == error)
    }

    @Test(arguments: [
        ("", RequestError.missingHost), ("Host: a\r\nHost: a\r\n", .repeatedHost), ("Host: a b\r\n", .malformedHost),
        ("Host: a/b\r\n", .malformedHost), ("Host: user@a\r\n", .malformedHost),
    ])
    func `Refuses anything but one host`(fields: String, error: RequestError) {
        #expect(ParsedInput.refusal("GET / HTTP/1.1\r\n\(fields)\r\n") == error)
    }

    @Test func `Refuses two hosts in HTTP 1.0 too`() {
        #expect(ParsedInput.refusal("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n") == .repeatedHost)
    }

    @Test func `Refuses an unknown expectation with 417`() {
        let error = ParsedInput.refusal("GET / HTTP/1.1\r\nHost: a\r\nExpect: miracle\r\n\r\n")
        #expect(error == .unsupportedExpectation)
        #expect(error?.status.code == 417)
    }

    @Test(arguments: [
        ("+5", RequestError.malformedContentLength), ("-5", .malformedContentLength), ("0x5", .malformedContentLength),
        ("5 5", .malformedContentLength), ("", .malformedContentLength), ("5.0", .malformedContentLength),
        ("5, 5", .repeatedContentLength), ("5\r\nContent-Length: 5", .repeatedContentLength),
        ("5\r\nContent-Length: 6", .repeatedContentLength),
        ("99999999999999999999999999", .bodyTooLarge(limitBytes: 8 * 1024 * 1024)),
        ("5\r\nTransfer-Encoding: chunked", .lengthAndTransferEncoding),
    ])
    func `Refuses a content length two parsers could read differently`(value: String, error: RequestError) {
        #expect(ParsedInput.refusal("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(value)\r\n\r\n") == error)
    }

    @Test(arguments: [
        ("gzip", RequestError.unsupportedTransferCoding("gzip")),
        ("identity", .unsupportedTransferCoding("identity")),
        ("gzip, chunked", .unsupportedTransferCoding("gzip")),
        ("xchunked", .unsupportedTransferCoding("xchunked")),
        ("chunked;a=b", .unsupportedTransferCoding("chunked;a=b")),
        ("chunked, gzip", .malformedTransferEncoding),
        ("chunked, chunked", .malformedTransferEncoding),
        ("chunked\r\nTransfer-Encoding: chunked", .malformedTransferEncoding),
        ("chunked\r\nTransfer-Encoding: identity", .malformedTransferEncoding),
        ("", .malformedTransferEncoding), (",", .malformedTransferEncoding),
        ("\u{b}chunked", .malformedFieldValue(name: "Transfer-Encoding")),
    ])
    func `Refuses every transfer encoding but chunked`(value: String, error: RequestError) {
        #expect(ParsedInput.refusal("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \(value)\r\n\r\n") == error)
    }

    @Test func `Refuses transfer encoding in HTTP 1.0`() {
        let error = ParsedInput.refusal("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(error == .transferEncodingInHTTP10)
    }

    @Test func `Does not take a field hidden by whitespace for framing`() {
        // Another server might read this as Transfer-Encoding.
        let text = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding : chunked\r\n\r\nabc"
        #expect(ParsedInput.refusal(text) == .whitespaceBeforeColon)
    }

    @Test(arguments: [
        (RequestError.malformedRequestLine, 400), (.requestLineTooLong(limitBytes: 1), 414),
        (.headersTooLarge(limitBytes: 1), 431), (.tooManyHeaders(limit: 1), 431), (.bodyTooLarge(limitBytes: 1), 413),
        (.unsupportedTransferCoding("a"), 501), (.unsupportedVersion("a"), 505), (.headerTimeout, 408),
        (.bodyTimeout, 408), (.connectUnsupported, 501), (.lengthAndTransferEncoding, 400),
        (.trailersTooLarge(limitBytes: 1, limitCount: 1), 431),
    ])
    func `Has a status and a sentence for every error`(error: RequestError, code: Int) {
        #expect(error.status.code == code)
        #expect(error.description.hasSuffix("."))
        #expect(error.description != "The request is malformed.")
    }

    @Test func `Tells a TLS client that the port speaks plain HTTP`() {
        #expect(RequestError.notHTTP(firstByte: 0x16).description.contains("TLS"))
    }
}

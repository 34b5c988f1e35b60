import HTTPTypes
import Testing

@testable import LaminaHTTP

struct HTTPLimitsTests {
    private func limits(_ adjust: (inout HTTPLimits) -> Void) -> HTTPLimits {
        var limits = HTTPLimits()
        adjust(&limits)
        return limits
    }

    @Test func `Takes a request line of exactly the limit and refuses one byte more`() throws {
        let text = "GET /abc HTTP/1.1\r\n"
        let rest = "Host: a\r\n\r\n"
        // The request that follows in these checks must fit as well.
        let padded = "GET /\(String(repeating: "a", count: 40)) HTTP/1.1\r\n"
        _ = try ParsedInput.request(padded + rest, limits: limits { $0.requestLineBytes = padded.utf8.count })
        let limit = text.utf8.count - 1
        let error = ParsedInput.refusal(text + rest, limits: limits { $0.requestLineBytes = limit })
        #expect(error == .requestLineTooLong(limitBytes: limit))
    }

    @Test func `Refuses an endless request line before it ends`() {
        let limits = limits { $0.requestLineBytes = 64 }
        #expect(ParsedInput.refusal("GET /" + String(repeating: "a", count: 100), limits: limits)?.status.code == 414)
    }

    @Test func `Takes headers of exactly the limit and refuses one byte more`() throws {
        let fields = "Host: a\r\nAccept: text/html\r\n\r\n"
        let text = "GET / HTTP/1.1\r\n" + fields
        _ = try ParsedInput.request(text, limits: limits { $0.headerBytes = fields.utf8.count })
        let limit = fields.utf8.count - 1
        #expect(
            ParsedInput.refusal(text, limits: limits { $0.headerBytes = limit }) == .headersTooLarge(limitBytes: limit))
    }

    @Test func `Refuses the 129th header by default`() throws {
        let fields = (0..<127).map { "X-\($0): v\r\n" }.joined()
        _ = try ParsedInput.request("GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n")
        let error = ParsedInput.refusal("GET / HTTP/1.1\r\nHost: a\r\nX-One-More: v\r\n" + fields + "\r\n")
        #expect(error == .tooManyHeaders(limit: 128))
    }

    @Test func `Refuses 64 KiB of headers by default`() {
        let field = "X: " + String(repeating: "v", count: 64 * 1024) + "\r\n"
        let error = ParsedInput.refusal("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n")
        #expect(error == .headersTooLarge(limitBytes: 64 * 1024))
    }

    @Test func `Refuses a body over the limit from its announced length`() throws {
        let limits = limits { $0.bodyBytes = 4 }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
        _ = try ParsedInput.request(head + "4\r\n\r\nfour", limits: limits)
        #expect(ParsedInput.refusal(head + "5\r\n\r\n", limits: limits) == .bodyTooLarge(limitBytes: 4))
    }

    @Test func `Refuses chunks that together are over the limit`() throws {
        let limits = limits { $0.bodyBytes = 4 }
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        _ = try ParsedInput.request(head + "3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", limits: limits)
        #expect(ParsedInput.refusal(head + "3\r\nabc\r\n2\r\n", limits: limits) == .bodyTooLarge(limitBytes: 4))
    }

    @Test func `Refuses chunk extensions over their limits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        // 15 bytes around one: 13 are not accounted for.
        let many = String(repeating: "1;aaaaaaaaa\r\nx\r\n", count: 5)
        #expect(
            ParsedInput.refusal(head + many, limits: limits { $0.chunkFramingBytes = 64 })
                == .chunkFramingTooLarge(limitBytes: 64))
        let long = "1;" + String(repeating: "a", count: 200)
        #expect(ParsedInput.refusal(head + long, limits: limits { $0.chunkLineBytes = 100 }) == .malformedChunkSize)
    }

    @Test func `Refuses endlessly many tiny chunks, and takes any number of larger ones`() throws {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        let limits = limits { $0.chunkFramingBytes = 300 }
        let tiny = String(repeating: "1\r\nx\r\n", count: 101)
        #expect(ParsedInput.refusal(head + tiny, limits: limits) == .chunkFramingTooLarge(limitBytes: 300))
        let enough = String(repeating: "1\r\nx\r\n", count: 98) + "0\r\n\r\n"
        #expect(try ParsedInput.request(head + enough, limits: limits).body.count == 98)
        let larger = String(repeating: "3\r\nabc\r\n", count: 500) + "0\r\n\r\n"
        #expect(try ParsedInput.request(head + larger, limits: limits).body.count == 1500)
    }

    @Test func `Takes at least a hundred fields and sixty kilobytes of them`() throws {
        let many = (0..<100).map { "X-\($0): v\r\n" }.joined()
        _ = try ParsedInput.request("GET / HTTP/1.1\r\nHost: a\r\n" + many + "\r\n")
        let long = "X: " + String(repeating: "v", count: 60 * 1024) + "\r\n"
        let parsed = ParsedInput([Array(("GET / HTTP/1.1\r\nHost: a\r\n" + long + "\r\n").utf8)[...]])
        #expect(parsed.error == nil && parsed.requests.count == 1)
    }

    @Test func `Refuses trailers over their limits`() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
        let bytes = limits { $0.trailerBytes = 20 }
        #expect(
            ParsedInput.refusal(head + "A: " + String(repeating: "a", count: 30), limits: bytes)?.status.code == 431)
        let count = limits { $0.trailerCount = 2 }
        #expect(ParsedInput.refusal(head + "A: a\r\nB: b\r\nC: c\r\n\r\n", limits: count)?.status.code == 431)
    }
}

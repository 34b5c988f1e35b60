import HTTPTypes
import Testing

@testable import LaminaHTTP

struct ContentRangeTests {
    @Test(
        arguments: [
            ("bytes 0-99/200", 0...99, 200), ("bytes 5-5/*", 5...5, nil), ("BYTES 1-2/3", 1...2, 3),
            ("bytes */7", nil, 7),
        ] as [(String, ClosedRange<Int>?, Int?)])
    func `Takes the three forms`(text: String, bytes: ClosedRange<Int>?, length: Int?) throws {
        let range = try #require(ContentRange(text))
        #expect(range.bytes == bytes)
        #expect(range.completeLength == length)
    }

    @Test(arguments: [
        "", "bytes", "bytes 0-9", "bytes 9-0/10", "bytes 0-10/10", "bytes -5/10", "bytes 0-/10", "bytes a-b/c",
        "bytes */*",
        "items 0-9/10", "bytes 0-9/10/11", "bytes 0-9/-1", "bytes 0-99999999999999999999/*", "bytes +0-9/10",
    ])
    func `Refuses what is no range of bytes`(text: String) {
        #expect(ContentRange(text) == nil)
    }
}

struct HTTPDateParsingTests {
    /// The three forms of RFC 9110 §5.6.7.
    @Test(arguments: ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])
    func `Takes the three forms of a date`(text: String) {
        #expect(HTTPDate.parse(text) == 784_111_777)
    }

    @Test(arguments: [0, 951_782_400, 951_868_799, 1_000_000_000, 1_709_164_800, 4_102_444_799, 13_569_465_600])
    func `Reads what it writes`(seconds: Int) {
        #expect(HTTPDate.parse(HTTPDate.format(seconds)) == seconds)
    }

    @Test(arguments: [
        "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "a b c d e f",
        "Sunday, 06-Nov GMT GMT", "Sunday, 06-Nov-x4 08:49:37 GMT",
    ])
    func `Refuses anything else`(text: String) {
        #expect(HTTPDate.parse(text) == nil)
    }
}

struct EntityValidatorTests {
    @Test func `Takes a strong tag, and of a file without one the date of its last change`() {
        let changed = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(EntityValidator([.eTag: "\"a\"", .lastModified: changed]) == .tag("\"a\""))
        #expect(
            EntityValidator([.lastModified: changed, .date: "Sun, 06 Nov 1994 08:49:38 GMT"]) == .lastModified(changed))
    }

    @Test func `Takes nothing that could be the same for two versions`() {
        let changed = "Sun, 06 Nov 1994 08:49:37 GMT"
        #expect(EntityValidator([.lastModified: changed, .date: changed]) == nil)
        #expect(EntityValidator([.lastModified: changed]) == nil)
        #expect(EntityValidator([.lastModified: "once", .date: changed]) == nil)
        #expect(EntityValidator([.eTag: "W/\"a\""]) == nil)
        #expect(EntityValidator([.eTag: "a"]) == nil)
        #expect(EntityValidator([:]) == nil)
    }
}

struct RetryPolicyTests {
    @Test func `Doubles the wait up to the longest, and shortens it by up to half`() {
        let policy = RetryPolicy()
        for (failures, whole) in [(1, 0.5), (2, 1), (3, 2), (6, 16), (7, 30), (100, 30)] {
            for _ in 0..<50 {
                let delay = policy.delay(afterFailures: failures) / .seconds(1)
                #expect(delay >= whole / 2 && delay <= whole)
            }
        }
    }

    @Test func `Reads how long a server asks to wait`() {
        let now = 784_111_777
        #expect(RetryPolicy.retryAfter([.retryAfter: "120"]) == .seconds(120))
        #expect(
            RetryPolicy.retryAfter([.retryAfter: "Sun, 06 Nov 1994 08:50:37 GMT"], secondsSinceEpoch: now)
                == .seconds(60))
        #expect(
            RetryPolicy.retryAfter([.retryAfter: "Sun, 06 Nov 1993 08:50:37 GMT"], secondsSinceEpoch: now) == .zero)
        #expect(RetryPolicy.retryAfter([.retryAfter: "-1"]) == nil)
        #expect(RetryPolicy.retryAfter([.retryAfter: "soon"]) == nil)
        #expect(RetryPolicy.retryAfter([:]) == nil)
    }
}

struct DownloadStateTests {
    @Test(arguments: [
        DownloadState(bytes: 1, totalBytes: 2, validator: .tag("\"a b\"")),
        DownloadState(bytes: 1 << 40, totalBytes: nil, validator: .lastModified("Sun, 06 Nov 1994 08:49:37 GMT")),
    ])
    func `Reads what it writes`(state: DownloadState) {
        #expect(DownloadState(state.text) == state)
    }

    @Test func `Takes nothing that was cut off or is of another kind`() {
        let text = DownloadState(bytes: 10, totalBytes: 20, validator: .tag("\"abc\"")).text
        for length in 0..<text.count { #expect(DownloadState(String(text.prefix(length))) == nil) }
        #expect(DownloadState(text + "x") == nil)
        #expect(DownloadState(text.replacing("20", with: "5")) == nil)
        #expect(DownloadState(text.replacing("10", with: "-1")) == nil)
        #expect(DownloadState(text.replacing("etag", with: "tag")) == nil)
    }
}

struct DownloadStepTests {
    private func step(
        _ status: Int, _ fields: HTTPFields = [:], framing: ResponseBodyFraming = .fixed(5), offset: Int = 10,
        totalBytes: Int? = 20
    ) throws(DownloadError) -> DownloadStep {
        let head = ResponseHead(status: .init(code: status), fields: fields, framing: framing, keepsAlive: true)
        return try DownloadStep(head, offset: offset, validator: .tag("\"a\""), totalBytes: totalBytes, url: "u")
    }

    @Test func `200 is the whole file`() throws {
        #expect(try step(200) == .replace(totalBytes: 5))
        #expect(try step(200, framing: .chunked) == .replace(totalBytes: nil))
        #expect(try step(200, [.contentEncoding: "identity"]) == .replace(totalBytes: 5))
        #expect(throws: DownloadError.encoded(url: "u", coding: "gzip")) { try step(200, [.contentEncoding: "gzip"]) }
    }

    @Test func `206 goes on where the file ends`() throws {
        #expect(try step(206, [.contentRange: "bytes 10-19/20"]) == .append(totalBytes: 20))
        #expect(try step(206, [.contentRange: "bytes 10-14/20"]) == .append(totalBytes: 20))
        #expect(try step(206, [.contentRange: "bytes 10-19/*"]) == .append(totalBytes: 20))
        #expect(try step(206, [.contentRange: "bytes 10-19/20", .eTag: "\"a\""]) == .append(totalBytes: 20))
    }

    @Test func `206 of another version begins anew`() throws {
        #expect(try step(206, [.contentRange: "bytes 10-19/20", .eTag: "\"b\""]) == .startOver)
        #expect(try step(206, [.contentRange: "bytes 10-29/30"]) == .startOver)
    }

    @Test(arguments: ["bytes 0-9/20", "bytes 11-19/20", "bytes */20", "what", nil])
    func `206 of anything else is refused`(range: String?) {
        var fields = HTTPFields()
        fields[.contentRange] = range
        #expect(throws: DownloadError.wrongRange(url: "u", contentRange: range)) { try step(206, fields) }
    }

    @Test func `206 nobody asked for is refused`() {
        #expect(throws: DownloadError.wrongRange(url: "u", contentRange: "bytes 0-4/5")) {
            try step(206, [.contentRange: "bytes 0-4/5"], offset: 0)
        }
    }

    @Test func `416 tells whether all is there`() throws {
        #expect(try step(416, [.contentRange: "bytes */10"]) == .complete)
        #expect(try step(416, [.contentRange: "bytes */9"]) == .startOver)
        #expect(try step(416) == .startOver)
        #expect(throws: DownloadError.refused(url: "u", status: 416, attempts: 1)) { try step(416, offset: 0) }
    }

    @Test(arguments: [408, 429, 500, 502, 503, 504])
    func `Some statuses pass`(status: Int) throws {
        #expect(try step(status, [.retryAfter: "7"]) == .retry(after: .seconds(7)))
        #expect(try step(status) == .retry(after: nil))
    }

    @Test(arguments: [204, 301, 304, 400, 401, 403, 404, 410, 501])
    func `Others stay`(status: Int) {
        #expect(throws: DownloadError.refused(url: "u", status: status, attempts: 1)) { try step(status) }
    }
}

struct SHA256Tests {
    /// FIPS 180-4's examples, in one piece and byte by byte.
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `Computes the digests of the standard`(text: String, expected: String) {
        let whole = SHA256()
        whole.update(Array(text.utf8))
        #expect(whole.finish() == expected)
        let pieces = SHA256()
        for byte in text.utf8 { pieces.update([byte]) }
        #expect(pieces.finish() == expected)
    }
}

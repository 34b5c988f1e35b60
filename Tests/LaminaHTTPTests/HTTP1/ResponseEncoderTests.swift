import HTTPTypes
import Testing

@testable import LaminaHTTP

struct ResponseEncoderTests {
    private func head(
        _ status: HTTPResponse.Status = .ok, _ fields: HTTPFields = [:], framing: ResponseFraming = .contentLength(2),
        version: HTTPVersion = .http1_1, persists: Bool = true
    ) throws -> String {
        let bytes = try ResponseEncoder.head(
            status: status, fields: fields, framing: framing, version: version, persists: persists, date: "D")
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `Writes status line, fields and date`() throws {
        #expect(
            try head(.ok, [.contentType: "text/plain"])
                == "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nDate: D\r\nContent-Length: 2\r\n\r\n")
    }

    @Test func `Announces persistence as the client's version needs it`() throws {
        #expect(try !head().contains("Connection"))
        #expect(try head(persists: false).contains("\r\nConnection: close\r\n"))
        #expect(try head(version: .http1_0).contains("\r\nConnection: keep-alive\r\n"))
        #expect(try head(version: .http1_0, persists: false).contains("\r\nConnection: close\r\n"))
    }

    @Test func `Replaces the fields the connection owns`() throws {
        let text = try head(
            .ok, [.contentLength: "99", .transferEncoding: "gzip", .connection: "upgrade", .date: "never"])
        #expect(text == "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 2\r\n\r\n")
    }

    @Test func `Writes no framing field where there is no body`() throws {
        for framing in [ResponseFraming.none, .untilClose, .unknownLength] {
            let text = try head(framing: framing)
            #expect(!text.contains("Content-Length") && !text.contains("Transfer-Encoding"))
        }
        #expect(try head(framing: .chunked).contains("\r\nTransfer-Encoding: chunked\r\n"))
    }

    @Test(arguments: [
        (HTTPResponse.Status.ok, Int?(3), false, HTTPVersion.http1_1, ResponseFraming.contentLength(3)),
        (.ok, 3, true, .http1_1, .contentLength(3)), (.ok, nil, false, .http1_1, .chunked),
        (.ok, nil, false, .http1_0, .untilClose), (.ok, nil, true, .http1_1, .unknownLength),
        (.ok, 0, false, .http1_1, .contentLength(0)), (.noContent, 0, false, .http1_1, .none),
        (.noContent, 5, false, .http1_1, .none), (.notModified, 5, false, .http1_1, .none),
        (.notModified, nil, false, .http1_0, .none),
    ])
    func `Chooses the framing`(
        status: HTTPResponse.Status, length: Int?, isHead: Bool, version: HTTPVersion, framing: ResponseFraming
    ) {
        let chosen = ResponseEncoder.framing(status: status, bodyLength: length, isHead: isHead, version: version)
        #expect(chosen == framing)
    }

    @Test(arguments: ["a\r\nX: y", "a\nb", "a\rb", "a\u{0}", "a\u{7f}"])
    func `Refuses a value that would split the response`(value: String) {
        var bytes: [UInt8] = []
        #expect(!ResponseEncoder.append(name: "X", value: Array(value.utf8), to: &bytes))
        #expect(bytes.isEmpty)
    }

    @Test func `Refuses a control character the field type lets through`() throws {
        var fields = HTTPFields()
        fields.append(HTTPField(name: .server, lenientValue: [0x61, 0x01]))
        #expect(throws: ResponseError.malformedFieldValue(name: "Server")) { try head(.ok, fields) }
    }

    @Test func `Refuses an interim status`() {
        #expect(throws: ResponseError.statusNotFinal(100)) { try head(.continue) }
    }

    @Test func `Writes chunks`() {
        #expect(ResponseEncoder.chunk(Array("hello world, 17 b".utf8)) == Array("11\r\nhello world, 17 b\r\n".utf8))
    }
}

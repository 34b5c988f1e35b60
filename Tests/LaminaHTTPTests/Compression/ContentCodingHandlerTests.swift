import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

struct ContentCodingHandlerTests {
    private static let text = Array(String(repeating: "the quick brown fox; ", count: 200).utf8)

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let encoder = try GzipEncoder(level: 6, for: .wholeBody)
        return try encoder.encode(bytes[...], flush: false) + encoder.finish()
    }

    private static func expanded(_ body: OutgoingResponse.Body) async throws -> [UInt8] {
        let decoder = try GzipDecoder(limitBytes: 1 << 20)
        var result: [UInt8] = []
        for piece in try await pieces(body) { result += try decoder.decode(piece[...]) }
        try decoder.finish()
        return result
    }

    private static func pieces(_ body: OutgoingResponse.Body) async throws -> [[UInt8]] {
        switch body {
        case .none: return []
        case .bytes(let bytes): return [bytes]
        case .stream(let produce):
            let collector = Collector()
            try await produce(collector)
            return collector.pieces
        }
    }

    private final class Collector: ResponseBodyWriter {
        private let all = Mutex<[[UInt8]]>([])
        var pieces: [[UInt8]] { all.withLock { $0 } }
        func write(_ bytes: [UInt8]) async throws { all.withLock { $0.append(bytes) } }
    }

    private func response(
        to accepted: String? = "gzip", _ response: OutgoingResponse,
        _ options: CompressionOptions = CompressionOptions()
    ) async throws -> OutgoingResponse {
        let handler = ContentCodingHandler(compression: options, next: { _ in response })
        var fields = HTTPFields()
        fields[.acceptEncoding] = accepted
        return await handler.respond(to: try IncomingRequest(method: .get, target: "/", fields: fields))
    }

    private func text(_ type: String = "text/plain", headers: HTTPFields = [:], bytes: [UInt8] = text)
        -> OutgoingResponse
    {
        var headers = headers
        headers[.contentType] = type
        return OutgoingResponse(headers: headers, body: .bytes(bytes))
    }

    @Test(arguments: [
        "text/plain; version=0.0.4; charset=utf-8", "application/json", "application/openmetrics-text; version=1.0.0",
        "Application/Problem+JSON", "text/html",
    ]) func `Compresses text for who accepts it`(_ type: String) async throws {
        let answer = try await response(self.text(type))
        #expect(answer.headers[.contentEncoding] == "gzip")
        #expect(answer.headers[.vary] == "Accept-Encoding")
        #expect(try await Self.expanded(answer.body) == Self.text)
        #expect(try #require(answer.body.knownLength) < Self.text.count)
    }

    @Test func `Says that the answer varies also where it sends none`() async throws {
        for accepted in [nil, "identity", "br", "gzip;q=0"] {
            let answer = try await response(to: accepted, self.text(headers: [.vary: "Accept"]))
            #expect(answer.headers[.contentEncoding] == nil && answer.headers[.vary] == "Accept, Accept-Encoding")
            #expect(answer.body.knownLength == Self.text.count)
        }
    }

    @Test func `Leaves alone what is short, encoded, partial, no text, or not to be changed`() async throws {
        let unchanged: [OutgoingResponse] = [
            self.text(bytes: Array(Self.text.prefix(1023))), self.text("image/png"),
            self.text("application/octet-stream"),
            self.text(headers: [.contentEncoding: "br"]), self.text(headers: [.contentRange: "bytes 0-9/10"]),
            self.text(headers: [.cacheControl: "private, no-transform"]), OutgoingResponse(body: .bytes(Self.text)),
            OutgoingResponse(status: .noContent),
            OutgoingResponse(status: .notModified, headers: [.contentType: "text/plain"]),
            self.text("text/event-stream"),
        ]
        for given in unchanged {
            let answer = try await response(given)
            #expect(answer.headers[.contentEncoding] == given.headers[.contentEncoding], "\(given.headers)")
            #expect(answer.body.knownLength == given.body.knownLength)
        }
        let exact = try await response(self.text(bytes: Array(Self.text.prefix(1024))))
        #expect(exact.headers[.contentEncoding] == "gzip")
    }

    @Test func `Compresses even short text for who refuses it plain, and sends it plain to who refuses everything`()
        async throws
    {
        let short = self.text(bytes: Array("ok".utf8))
        let forced = try await response(to: "gzip, identity;q=0", short)
        #expect(try await Self.expanded(forced.body) == Array("ok".utf8))
        let plain = try await response(to: "br, *;q=0", short)
        #expect(plain.headers[.contentEncoding] == nil && plain.body.knownLength == 2)
    }

    @Test func `Leaves alone what only grows`() async throws {
        var random = SystemRandomNumberGenerator()
        let noise = (0..<4096).map { _ in UInt8.random(in: 0...255, using: &random) }
        let answer = try await response(self.text(bytes: noise))
        #expect(answer.headers[.contentEncoding] == nil && answer.body.knownLength == 4096)
    }

    @Test func `Does nothing to responses when switched off`() async throws {
        var options = CompressionOptions()
        options.isEnabled = false
        let answer = try await response(self.text(), options)
        #expect(answer.headers[.contentEncoding] == nil && answer.headers[.vary] == nil)
    }

    @Test func `Flushes every piece of a stream, events only where asked for`() async throws {
        let events = (0..<20).map { ServerSentEvents.event(data: "{\"number\":\($0)}") }
        let stream = OutgoingResponse(
            headers: ServerSentEvents.headers, body: .stream { for event in events { try await $0.write(event) } })
        let plain = try await response(stream)
        #expect(plain.headers[.contentEncoding] == nil && plain.headers[.vary] == nil)
        #expect(try await Self.pieces(plain.body) == events)

        var options = CompressionOptions()
        options.includesEventStreams = true
        let answer = try await response(stream, options)
        #expect(answer.headers[.contentEncoding] == "gzip")
        let pieces = try await Self.pieces(answer.body)
        #expect(pieces.count == events.count + 1)
        let decoder = try GzipDecoder(limitBytes: 1 << 20)
        for (piece, event) in zip(pieces, events) { #expect(try decoder.decode(piece[...]) == event) }
        _ = try decoder.decode(try #require(pieces.last)[...])
        try decoder.finish()
        #expect(try await response(to: "identity", stream, options).headers[.contentEncoding] == nil)
    }

    @Test func `A stream that fails has no end that could be taken for one`() async throws {
        struct Broken: Error {}
        let answer = try await response(
            OutgoingResponse(
                headers: [.contentType: "text/plain"],
                body: .stream {
                    try await $0.write(Self.text)
                    throw Broken()
                }))
        guard case .stream(let produce) = answer.body else {
            Issue.record("a stream stays one")
            return
        }
        let collector = Collector()
        await #expect(throws: Broken.self) { try await produce(collector) }
        let decoder = try GzipDecoder(limitBytes: 1 << 20)
        #expect(try decoder.decode(try #require(collector.pieces.first)[...]) == Self.text)
        #expect(throws: GzipError.truncated) { try decoder.finish() }
    }

    @Test func `Several tasks may write to a compressed stream`() async throws {
        let answer = try await response(
            OutgoingResponse(
                headers: [.contentType: "text/plain"],
                body: .stream { writer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for number in 0..<50 {
                            group.addTask { try await writer.write(Array("\(number),".utf8)) }
                        }
                        try await group.waitForAll()
                    }
                }))
        let numbers = String(decoding: try await Self.expanded(answer.body), as: UTF8.self).split(separator: ",")
        #expect(numbers.compactMap { Int($0) }.sorted() == Array(0..<50))
    }
}

extension ContentCodingHandlerTests {
    /// Sends a body to a handler that answers with what it got.
    private func echo(_ body: [UInt8], coding: String?, limit: Int = 10_000) async throws -> OutgoingResponse {
        let handler = ContentCodingHandler(bodyLimitBytes: limit) { request in
            #expect(request.head.headerFields[.contentEncoding] == nil)
            return OutgoingResponse(body: .bytes(request.body))
        }
        var fields = HTTPFields()
        fields[.contentEncoding] = coding
        return await handler.respond(to: try IncomingRequest(method: .post, target: "/", fields: fields, body: body))
    }

    private static func bytes(_ response: OutgoingResponse) -> [UInt8] {
        if case .bytes(let bytes) = response.body { bytes } else { [] }
    }

    @Test(arguments: ["gzip", "x-gzip", "GZIP", "identity, gzip", " gzip ,"])
    func `Expands a request body`(_ coding: String) async throws {
        let answer = try await echo(Self.gzip(Self.text), coding: coding)
        #expect(answer.status == .ok && Self.bytes(answer) == Self.text)
    }

    @Test(arguments: [nil, "identity", "", "Identity"])
    func `Passes on what is in no coding`(_ coding: String?) async throws {
        #expect(Self.bytes(try await echo(Self.text, coding: coding)) == Self.text)
        #expect(try await echo([], coding: "gzip").status == .ok)
    }

    @Test(arguments: ["br", "deflate", "zstd", "compress", "gzip, gzip", "br, gzip", "gzip;q=1"])
    func `Refuses other codings and says which it takes`(_ coding: String) async throws {
        let answer = try await echo(Self.gzip(Self.text), coding: coding)
        #expect(answer.status.code == 415 && answer.headers[.acceptEncoding] == "gzip")
        #expect(String(decoding: Self.bytes(answer), as: UTF8.self).contains(coding.split(separator: ",")[0].prefix(4)))
    }

    @Test func `Refuses what is not gzip, cut off or too large`() async throws {
        let data = try Self.gzip(Self.text)
        #expect(try await echo(Self.text, coding: "gzip").status.code == 400)
        #expect(try await echo(Array(data.dropLast()), coding: "gzip").status.code == 400)
        #expect(try await echo(data, coding: "gzip", limit: Self.text.count).status.code == 200)
        #expect(try await echo(data, coding: "gzip", limit: Self.text.count - 1).status.code == 413)
    }
}

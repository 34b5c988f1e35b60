import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Answers in gzip, and who asks for them.
@Suite(.timeLimit(.minutes(1)))
struct DecodedResponseTests {
    private static let text = Array(String(repeating: "the quick brown fox; ", count: 200).utf8)

    private static func gzip(_ bytes: [UInt8]) throws -> [UInt8] {
        let encoder = try GzipEncoder(level: 6, for: .wholeBody)
        return try encoder.encode(bytes[...], flush: false) + encoder.finish()
    }

    /// Answers with a body in a coding, whoever asks.
    private static func answer(_ body: [UInt8], _ coding: String) -> OutgoingResponse {
        OutgoingResponse(headers: [.contentType: "text/plain", .contentEncoding: coding], body: .bytes(body))
    }

    private func fault(
        of answer: OutgoingResponse, limits: HTTPClientLimits = HTTPClientLimits()
    ) async throws -> ResponseFault? {
        let client = HTTPClient(limits: limits)
        defer { client.close() }
        var found: ResponseFault?
        try await withServer { _ in
            answer
        } _: { _, port in
            let request = ClientRequest(.get, try HTTPURL("http://127.0.0.1:\(port)/"))
            let error = await #expect(throws: HTTPClientError.self) { try await client.send(request) }
            if case .malformedResponse(_, let fault) = error { found = fault }
        }
        return found
    }

    @Test func `Asks for gzip and takes it off, and its fields with it`() async throws {
        let client = HTTPClient()
        defer { client.close() }
        let handler = ContentCodingHandler { request in
            OutgoingResponse(
                headers: [.contentType: "text/plain", .from: request.head.headerFields[.acceptEncoding] ?? ""],
                body: .bytes(Self.text))
        }
        let sentBytes = Mutex(0)
        try await withServer { request in
            let response = await handler.respond(to: request)
            sentBytes.withLock { $0 = response.body.knownLength ?? 0 }
            return response
        } _: { _, port in
            let url = try HTTPURL("http://127.0.0.1:\(port)/")
            let answer = try await client.send(ClientRequest(.get, url))
            #expect(answer.body == Self.text)
            #expect(sentBytes.withLock { $0 } < Self.text.count)
            #expect(answer.head.fields[.from] == "gzip")
            #expect(answer.head.fields[.contentEncoding] == nil && answer.head.fields[.contentLength] == nil)
            let head = try await client.send(ClientRequest(.head, url))
            #expect(head.body.isEmpty && head.head.fields[.contentEncoding] == "gzip")
        }
    }

    @Test func `Leaves the coding to who asks for one or for a range, and to who reads piece by piece`() async throws {
        let client = HTTPClient()
        defer { client.close() }
        let handler = ContentCodingHandler { request in
            let asked = request.head.headerFields[.acceptEncoding] ?? "nothing"
            return OutgoingResponse(headers: [.contentType: "text/plain", .from: asked], body: .bytes(Self.text))
        }
        try await withServer { request in
            await handler.respond(to: request)
        } _: { _, port in
            let url = try HTTPURL("http://127.0.0.1:\(port)/")
            let own = try await client.send(ClientRequest(.get, url, headers: [.acceptEncoding: "gzip"]))
            #expect(own.head.fields[.contentEncoding] == "gzip" && own.body.count < Self.text.count)
            let range = try await client.send(ClientRequest(.get, url, headers: [.range: "bytes=0-9"]))
            #expect(range.head.fields[.from] == "nothing" && range.body == Self.text)
            try await client.withResponse(to: ClientRequest(.get, url)) { response in
                #expect(response.head.fields[.from] == "nothing")
                let body = try await response.collect()
                #expect(body == Self.text)
            }
        }
    }

    @Test func `Stops at the limit where little expands to much`() async throws {
        var limits = HTTPClientLimits()
        limits.collectedBytes = 100_000
        let bomb = try Self.gzip([UInt8](repeating: 0, count: 50 << 20))
        #expect(bomb.count < limits.collectedBytes)
        #expect(try await fault(of: Self.answer(bomb, "gzip"), limits: limits) == .bodyTooLarge(limitBytes: 100_000))
    }

    @Test func `Refuses what is not gzip, is cut off, or is in another coding`() async throws {
        let cut = Array(try Self.gzip(Self.text).dropLast(3))
        #expect(try await fault(of: Self.answer(cut, "gzip")) == .undecodable(.truncated))
        let plain = try await fault(of: Self.answer(Self.text, "x-gzip"))
        guard case .undecodable(.corrupt) = plain else {
            Issue.record("\(String(describing: plain))")
            return
        }
        #expect(try await fault(of: Self.answer(Self.text, "br")) == .unknownCoding("br"))
        #expect(try await fault(of: Self.answer(Self.text, "gzip, gzip")) == .unknownCoding("gzip, gzip"))
    }
}

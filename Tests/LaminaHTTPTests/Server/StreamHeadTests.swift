import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// The head of a streamed response goes out with the first piece of its body.
struct StreamHeadTests {
    private struct Broken: Error {}

    private static func exchange(
        observer: EventLog? = nil, _ response: OutgoingResponse, then second: Bool = false
    ) async throws -> TestClient.Response {
        var result = TestClient.Response()
        try await withServer(observer: observer) { _ in
            response
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            result = try await client.get("/")
            if second { #expect(try await client.get("/").status == result.status) }
            if result.fields["connection"] == "close" { #expect(try await client.rest().isEmpty) }
        }
        return result
    }

    @Test func `An error before the first piece is an answer of its own`() async throws {
        let log = EventLog()
        var stream = OutgoingResponse(
            headers: ServerSentEvents.headers,
            body: .stream { _ in
                throw InsteadOfStream(
                    status: .serviceUnavailable, headers: [.contentType: "text/plain", .retryAfter: "3"],
                    body: Array("full".utf8))
            })
        stream.headers[.vary] = "origin"
        stream.headers[.contentEncoding] = "gzip"
        let answer = try await Self.exchange(observer: log, stream, then: true)
        #expect(answer.status == 503 && answer.text == "full")
        #expect(answer.fields["content-type"] == "text/plain" && answer.fields["retry-after"] == "3")
        #expect(answer.fields["vary"] == "origin", "what the layers around the handler added stays")
        #expect(answer.fields["content-encoding"] == nil && answer.fields["transfer-encoding"] == nil)
        #expect(log.reports.map(\.outcome) == [.complete, .complete])
        #expect(log.reports.map(\.status.code) == [503, 503])
    }

    @Test func `After the first piece the status is said, and the body breaks off`() async throws {
        let log = EventLog()
        try await withServer(observer: log) { _ in
            OutgoingResponse(
                body: .stream { writer in
                    try await writer.write(Array("part".utf8))
                    throw InsteadOfStream(status: .serviceUnavailable, headers: [:], body: [])
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.head().status == 200)
            #expect(try await client.rest() == Array("4\r\npart\r\n".utf8))
        }
        #expect(log.reports.map(\.status.code) == [200])
    }

    @Test func `Any other failure before the first piece is a 500 that ends the connection`() async throws {
        let log = EventLog()
        let answer = try await Self.exchange(observer: log, OutgoingResponse(body: .stream { _ in throw Broken() }))
        #expect(answer.status == 500 && answer.fields["connection"] == "close" && !answer.body.isEmpty)
        #expect(log.reports.map(\.outcome) == [.bodyFailed("Broken()")])
        #expect(log.reports.map(\.status.code) == [500])
    }

    @Test func `A head that cannot be written is replaced before the stream has begun`() async throws {
        let log = EventLog()
        var stream = OutgoingResponse(body: .stream { try await $0.write(Array("text".utf8)) })
        // A control character that the field type lets through.
        stream.headers.append(HTTPField(name: .server, lenientValue: [0x61, 0x01]))
        #expect(try await Self.exchange(observer: log, stream).status == 500)
        #expect(log.all.contains { if case .responseReplaced = $0 { true } else { false } })
    }

    @Test func `A stream without a piece still has its head`() async throws {
        let answer = try await Self.exchange(OutgoingResponse(body: .stream { _ in }), then: true)
        #expect(answer.status == 200 && answer.body.isEmpty && answer.fields["transfer-encoding"] == "chunked")
    }

    @Test func `The last fields are of the moment of the first piece`() async throws {
        let phase = Mutex("asked")
        var stream = OutgoingResponse(
            body: .stream { writer in
                phase.withLock { $0 = "begun" }
                try await writer.write([1])
                phase.withLock { $0 = "later" }
                try await writer.write([2])
            })
        stream.onHead = { fields in fields[.server] = phase.withLock { $0 } }
        #expect(try await Self.exchange(stream).fields["server"] == "begun")
        var whole = OutgoingResponse.text("whole")
        whole.onHead = { $0[.server] = "then" }
        #expect(try await Self.exchange(whole).fields["server"] == "then")
    }

    @Test func `The last fields are on the answer in place of a stream too`() async throws {
        var stream = OutgoingResponse(
            body: .stream { _ in throw InsteadOfStream(status: .gatewayTimeout, headers: [:], body: []) })
        stream.onHead = { $0[.server] = "then" }
        let answer = try await Self.exchange(stream)
        #expect(answer.status == 504 && answer.fields["server"] == "then")
    }

    @Test func `A stream that is cancelled before it began is not answered`() async throws {
        let (began, log) = (Signal(), EventLog())
        try await withServer(observer: log) { _ in
            OutgoingResponse(
                body: .stream { _ in
                    began.fire()
                    await Signal().wait()
                    try Task.checkCancellation()
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.expect("the stream begins")
            client.close()
            try await log.wait { if case .requestFinished = $0 { true } else { false } }
        }
        #expect(log.reports.map(\.outcome) == [.clientGone])
    }
}

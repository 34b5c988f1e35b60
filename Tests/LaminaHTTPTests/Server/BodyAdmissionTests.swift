import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Whose bodies are read.
@Suite(.timeLimit(.minutes(1)))
struct BodyAdmissionTests {
    private static let refusal = OutgoingResponse(status: .unauthorized, body: .bytes(Array("no".utf8)))

    /// A server that knows those who send Authorization.
    private func guardedServer(
        observer: EventLog? = nil, _ body: (_ port: Int, _ asked: () -> [String]) async throws -> Void
    ) async throws {
        let asked = Mutex<[String]>([])
        try await withServer(
            observer: observer, configure: { $0.lingerTimeout = .seconds(20) },
            handler: { request in
                request.head.headerFields.contains(.authorization) ? .text("\(request.body.count)") : Self.refusal
            },
            admitsBody: { request in
                asked.withLock { $0.append(request.path) }
                return request.head.headerFields.contains(.authorization)
            }
        ) { _, port in
            try await body(port) { asked.withLock { $0 } }
        }
    }

    @Test(arguments: ["Content-Length: 8000000", "Transfer-Encoding: chunked"])
    func `Answers a stranger before any of a large body has come, and then closes`(framing: String) async throws {
        let log = EventLog()
        try await guardedServer(observer: log) { port, asked in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\n\(framing)\r\n\r\n")
            let response = try await client.response()
            #expect(response.status == 401 && response.fields["connection"] == "close")
            #expect(try await client.rest().isEmpty)
            // It may go on sending: what it has no answer to yet is thrown away.
            for _ in 0..<20 { try await client.send([UInt8](repeating: 0, count: 100_000)) }
            #expect(asked() == ["/a"])
        }
        #expect(log.reports.map(\.requestBytes) == [0])
    }

    @Test func `Tells a stranger who waits for a word no to go on`() async throws {
        try await guardedServer { port, asked in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
            #expect(try await client.response().status == 401)
            #expect(try await client.rest().isEmpty)
            #expect(asked() == ["/a"])
        }
    }

    @Test func `Reads a small body without asking, and a large one of who is known`() async throws {
        try await guardedServer { port, asked in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("POST /small HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nsmall")
            let refused = try await client.response()
            #expect(refused.status == 401 && refused.fields["connection"] == nil)
            let body = String(repeating: "x", count: 200_000)
            for _ in 0..<2 {
                try await client.send(
                    "POST /large HTTP/1.1\r\nHost: a\r\nAuthorization: b\r\nContent-Length: 200000\r\n\r\n\(body)")
                #expect(try await client.response().text == "200000")
            }
            #expect(asked() == ["/large", "/large"])
        }
    }
}

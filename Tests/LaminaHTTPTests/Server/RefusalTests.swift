import HTTPTypes
import Testing

@testable import LaminaHTTP

struct RefusalTests {
    @Test(arguments: [
        ("GET / HTTP/2.0\r\n\r\n", 505), ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n", 413),
        ("GET / HTTP/1.1\r\nHost: a\r\nExpect: a\r\n\r\n", 417), ("\u{16}\u{3}\u{1}\u{2}", 400),
    ])
    func `Answers a malformed request, closes, and goes on with others`(text: String, status: Int) async throws {
        let log = EventLog()
        try await withEchoServer(observer: log) { client, port in
            try await client.send(text)
            let response = try await client.response()
            #expect(response.status == status)
            #expect(response.fields["connection"] == "close")
            #expect(response.text.hasSuffix(".\n"))
            #expect(try await client.rest().isEmpty)

            let other = try TestClient(port: port)
            defer { other.close() }
            #expect(try await other.get("/").status == 200)
        }
        #expect(log.refusals.map(\.status.code) == [status])
        #expect(log.reports.count == 1)
    }

    @Test func `Answers an oversized request although the client is still sending`() async throws {
        try await withServer {
            $0.limits.headerBytes = 4096
            $0.limits.requestLineBytes = 1024
        } handler: { request in
            .echo(request)
        } _: { _, port in
            let long = String(repeating: "a", count: 200_000)
            for (text, status) in [
                ("GET / HTTP/1.1\r\nHost: a\r\nX: \(long)\r\n\r\n", 431), ("GET /\(long) HTTP/1.1\r\n\r\n", 414),
                ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n\(long)", 413),
            ] {
                let client = try TestClient(port: port)
                defer { client.close() }
                try await client.send(text)
                #expect(try await client.response().status == status)
            }
            let client = try TestClient(port: port)
            defer { client.close() }
            #expect(try await client.get("/").status == 200)
        }
    }

    @Test func `Lets a refused client finish sending, so that no reset destroys the answer`() async throws {
        try await withEchoServer {
            $0.lingerTimeout = .seconds(20)
        } _: { client, _ in
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9000000\r\n\r\n")
            #expect(try await client.response().status == 413)
            #expect(try await client.rest().isEmpty)
            for _ in 0..<20 { try await client.send([UInt8](repeating: 0, count: 100_000)) }
        }
    }

    @Test func `Answers the good requests before a bad one`() async throws {
        try await withEchoServer { client, _ in
            try await client.send("GET /good HTTP/1.1\r\nHost: a\r\n\r\nGET /bad HTTP/9.9\r\n\r\n")
            #expect(try await client.response().text == "GET /good ")
            #expect(try await client.response().status == 505)
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Answers slow headers with 408`() async throws {
        try await withEchoServer {
            $0.readHeaderTimeout = .milliseconds(100)
        } _: { client, _ in
            try await client.send("GET / HTTP/1.1\r\nHo")
            #expect(try await client.response().status == 408)
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Answers a slow body with 408`() async throws {
        try await withEchoServer {
            $0.readBodyTimeout = .milliseconds(100)
        } _: { client, _ in
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nslow")
            #expect(try await client.response().status == 408)
        }
    }

    @Test func `Closes an idle connection without a word`() async throws {
        try await withServer {
            $0.idleTimeout = .milliseconds(100)
        } handler: { request in
            .echo(request)
        } _: { _, port in
            let fresh = try TestClient(port: port)
            defer { fresh.close() }
            #expect(try await fresh.rest().isEmpty)
            let used = try TestClient(port: port)
            defer { used.close() }
            #expect(try await used.get("/").status == 200)
            #expect(try await used.rest().isEmpty)
        }
    }

    @Test func `Drops a request that is cut off`() async throws {
        let log = EventLog()
        try await withEchoServer(observer: log) { client, _ in
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf")
            client.halfClose()
            #expect(try await client.rest().isEmpty)
        }
        #expect(log.refusals == [.truncated])
        #expect(log.reports.isEmpty)
    }

    @Test func `Answers one connection too many with 503`() async throws {
        let log = EventLog()
        try await withServer(observer: log) {
            $0.maximumConnections = 2
        } handler: { request in
            .echo(request)
        } _: { _, port in
            let first = try TestClient(port: port)
            let second = try TestClient(port: port)
            #expect(try await first.get("/").status == 200)
            #expect(try await second.get("/").status == 200)
            let third = try TestClient(port: port)
            defer { third.close() }
            let response = try await third.response()
            #expect(response.status == 503)
            #expect(response.fields["retry-after"] == "1")
            #expect(try await third.rest().isEmpty)
            first.close()
            second.close()
        }
        #expect(log.all.contains { if case .connectionRefused = $0 { true } else { false } })
    }
}

import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Against the real server.
@Suite(.timeLimit(.minutes(1)))
struct HTTPClientTests {
    private func url(_ port: Int, _ path: String = "/") throws -> HTTPURL {
        try HTTPURL("http://127.0.0.1:\(port)\(path)")
    }

    @Test func `Sends requests one after the other on one connection`() async throws {
        let log = EventLog()
        let client = HTTPClient()
        try await withServer(observer: log) { request in
            .echo(request)
        } _: { server, port in
            for number in 0..<5 {
                let body = Array("body \(number)".utf8)
                let (head, answer) = try await client.send(ClientRequest(.post, url(port, "/\(number)"), body: body))
                #expect(head.status == .ok)
                #expect(String(decoding: answer, as: UTF8.self) == "POST /\(number) body \(number)")
            }
            #expect(server.connectionCount == 1)
            #expect(client.idleConnections(to: try url(port).origin) == 1)
            client.close()
            #expect(client.idleConnections(to: try url(port).origin) == 0)
        }
        #expect(log.reports.count == 5)
    }

    @Test func `Sends along what belongs to the work a request is part of, but for what it says itself`() async throws {
        let state = try #require(HTTPField.Name("tracestate"))
        let client = HTTPClient(proxies: .none, propagation: { Self.work })
        defer { client.close() }
        try await withServer { request in
            .text("\(request.head.headerFields[state] ?? "") \(request.head.headerFields[.userAgent] ?? "")")
        } _: { _, port in
            let url = try HTTPURL("http://127.0.0.1:\(port)/")
            let (_, outside) = try await client.send(ClientRequest(.get, url))
            #expect(outside == Array(" ".utf8))
            try await Self.$work.withValue([state: "a=1", .userAgent: "work"]) {
                let (_, inside) = try await client.send(ClientRequest(.get, url, headers: [.userAgent: "own"]))
                #expect(inside == Array("a=1 own".utf8))
            }
        }
    }

    @TaskLocal private static var work: HTTPFields = [:]

    @Test func `Uses as many connections as requests run at once`() async throws {
        let gate = Signal()
        let running = Mutex(0)
        let client = HTTPClient()
        defer { client.close() }
        try await withServer { request in
            if running.withLock({
                $0 += 1; return $0
            }) == 4 {
                gate.fire()
            }
            await gate.wait()
            return .echo(request)
        } _: { server, port in
            let request = ClientRequest(.get, try url(port))
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await client.send(request).head.status.code } }
                for try await status in group { #expect(status == 200) }
            }
            #expect(server.connectionCount == 4)
            #expect(client.idleConnections(to: try url(port).origin) == 4)
        }
    }

    @Test func `Reads a stream while it is written`() async throws {
        let goOn = Signal()
        let client = HTTPClient()
        defer { client.close() }
        try await withServer { _ in
            OutgoingResponse(
                body: .stream { writer in
                    try await writer.write(Array("first".utf8))
                    await goOn.wait()
                    try await writer.write(Array("second".utf8))
                })
        } _: { _, port in
            try await client.withResponse(to: ClientRequest(.get, url(port))) { response in
                #expect(response.head.framing == .chunked)
                let first = try await response.next()
                #expect(first.map { Array($0) } == Array("first".utf8))
                goOn.fire()
                #expect(try await response.next().map { Array($0) } == Array("second".utf8))
                #expect(try await response.next() == nil)
                #expect(try await response.next() == nil)
            }
            #expect(client.idleConnections(to: try url(port).origin) == 1)
        }
    }

    @Test func `Closes a connection whose response is not read to its end`() async throws {
        struct Enough: Error {}
        let client = HTTPClient()
        defer { client.close() }
        let log = EventLog()
        try await withServer(observer: log) { _ in
            OutgoingResponse(
                body: .stream { writer in
                    while true { try await writer.write(Array("more".utf8)) }
                })
        } _: { _, port in
            await #expect(throws: Enough.self) {
                try await client.withResponse(to: ClientRequest(.get, url(port))) { response in
                    _ = try await response.next()
                    throw Enough()
                }
            }
            #expect(client.idleConnections(to: try url(port).origin) == 0)
            try await log.wait { if case .requestFinished = $0 { true } else { false } }
        }
    }

    @Test func `Answers without a body leave the connection usable`() async throws {
        let client = HTTPClient()
        defer { client.close() }
        try await withServer { request in
            request.path == "/none" ? OutgoingResponse(status: .noContent, body: .bytes([])) : .echo(request)
        } _: { server, port in
            let answer = try await client.send(ClientRequest(.head, url(port)))
            #expect(answer.body.isEmpty)
            #expect(try await client.send(ClientRequest(.get, url(port, "/none"))).head.status == .noContent)
            #expect(try await client.send(ClientRequest(.get, url(port))).body == Array("GET / ".utf8))
            #expect(server.connectionCount == 1)
        }
    }

    @Test func `Reads the refusal of a body that is too large`() async throws {
        let client = HTTPClient()
        defer { client.close() }
        try await withServer(configure: { $0.limits.bodyBytes = 1000 }) { request in
            .echo(request)
        } _: { _, port in
            let body = [UInt8](repeating: 1, count: 1 << 20)
            let answer = try await client.send(ClientRequest(.post, url(port), body: body))
            #expect(answer.head.status == .contentTooLarge)
        }
    }

    @Test func `Does not use a connection that the server has closed`() async throws {
        let client = HTTPClient()
        defer { client.close() }
        let log = EventLog()
        try await withServer(observer: log, configure: { $0.idleTimeout = .milliseconds(20) }) { request in
            .echo(request)
        } _: { _, port in
            for number in 1...3 {
                let answer = try await client.send(ClientRequest(.get, url(port)))
                #expect(answer.head.status == .ok)
                try await log.wait { _ in
                    log.all.count { if case .connectionClosed = $0 { true } else { false } } == number
                }
            }
        }
    }

    @Test func `Collects no more than its limit`() async throws {
        var limits = HTTPClientLimits()
        limits.collectedBytes = 10
        let client = HTTPClient(limits: limits)
        defer { client.close() }
        try await withServer { _ in
            .text("eleven char")
        } _: { _, port in
            let origin = try url(port).origin
            await #expect(
                throws: HTTPClientError.malformedResponse(origin: origin, fault: .bodyTooLarge(limitBytes: 10))
            ) {
                try await client.send(ClientRequest(.get, url(port)))
            }
        }
    }
}

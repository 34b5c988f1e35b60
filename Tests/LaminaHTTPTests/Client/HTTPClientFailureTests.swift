import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Against sockets that do what a server should not.
@Suite(.timeLimit(.minutes(1)))
struct HTTPClientFailureTests {
    private static let okay = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    private static let short = Duration.milliseconds(50)

    @Test func `Says where nobody listens`() async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(scheme: .http, host: "127.0.0.1", port: listener.address.port)
        listener.close()
        let error = try await #require(throws: HTTPClientError.self) {
            try await HTTPClient().send(ClientRequest(.get, HTTPURL(origin: origin, path: "/")))
        }
        #expect(error == .cannotConnect(origin: origin, reason: "connection refused"))
        #expect("\(error)".contains("\(origin)"))
    }

    @Test func `Repeats a request that met a connection closed meanwhile`() async throws {
        let requests = Mutex(0)
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send(Self.okay)
            guard connection.number == 0 else { return }
            // The second request is read and dropped, as by a server that closes while it is on its way.
            try await connection.readHead()
            requests.withLock { $0 += 1 }
        } _: { server in
            let client = HTTPClient()
            defer { client.close() }
            for _ in 0..<2 {
                let answer = try await client.send(ClientRequest(.get, server.url))
                #expect(answer.body == Array("ok".utf8))
            }
            #expect(requests.withLock { $0 } == 1)
        }
    }

    @Test func `Does not repeat what may not be done twice`() async throws {
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send(Self.okay)
            try await connection.readHead()
        } _: { server in
            let client = HTTPClient()
            defer { client.close() }
            _ = try await client.send(ClientRequest(.post, server.url))
            await #expect(throws: HTTPClientError.malformedResponse(origin: server.url.origin, fault: .truncated)) {
                try await client.send(ClientRequest(.post, server.url))
            }
        }
    }

    @Test func `Does not repeat a request whose answer had begun`() async throws {
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send(Self.okay)
            try await connection.readHead()
            try await connection.send("HTTP/1.1 2")
        } _: { server in
            let client = HTTPClient()
            defer { client.close() }
            _ = try await client.send(ClientRequest(.get, server.url))
            await #expect(throws: HTTPClientError.malformedResponse(origin: server.url.origin, fault: .truncated)) {
                try await client.send(ClientRequest(.get, server.url))
            }
        }
    }

    @Test func `Does not use a connection on which bytes came unasked`() async throws {
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send(Self.okay + "HTTP/1.1 500 Surprise\r\n\r\n")
            try await connection.readToEnd()
        } _: { server in
            let client = HTTPClient()
            defer { client.close() }
            for _ in 0..<2 {
                let answer = try await client.send(ClientRequest(.get, server.url))
                #expect(answer.head.status == .ok)
            }
        }
    }

    @Test func `Gives up on a server that never answers`() async throws {
        try await RawServer.run {
            try await $0.readToEnd()
        } _: { server in
            let client = HTTPClient(timeouts: .init(response: Self.short))
            await #expect(
                throws: HTTPClientError.timedOut(origin: server.url.origin, phase: .response, limit: Self.short)
            ) {
                try await client.send(ClientRequest(.get, server.url))
            }
        }
    }

    @Test func `Gives up on a server that stops in the middle of a body`() async throws {
        try await RawServer.run { connection in
            try await connection.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
            try await connection.readToEnd()
        } _: { server in
            let client = HTTPClient(timeouts: .init(idle: Self.short))
            await #expect(throws: HTTPClientError.timedOut(origin: server.url.origin, phase: .body, limit: Self.short))
            {
                try await client.send(ClientRequest(.get, server.url))
            }
        }
    }

    @Test func `Gives up on a server that goes on for ever`() async throws {
        let total = Duration.milliseconds(200)
        try await RawServer.run { connection in
            try await connection.send("HTTP/1.1 200 OK\r\n\r\n")
            while true {
                try await connection.send("drop")
                try await Task.sleep(for: .milliseconds(5))
            }
        } _: { server in
            let client = HTTPClient(timeouts: .init(total: total))
            await #expect(throws: HTTPClientError.timedOut(origin: server.url.origin, phase: .body, limit: total)) {
                try await client.send(ClientRequest(.get, server.url))
            }
        }
    }

    @Test func `Ends at cancellation`() async throws {
        let began = Signal()
        try await RawServer.run { connection in
            try await connection.readHead()
            began.fire()
            try await connection.readToEnd()
        } _: { server in
            let client = HTTPClient()
            let request = ClientRequest(.get, server.url)
            let task = Task { _ = try await client.send(request) }
            await began.expect("the request arrives")
            task.cancel()
            await #expect(throws: HTTPClientError.cancelled) { try await task.value }
        }
    }

    @Test func `Says that a server speaks TLS`() async throws {
        try await RawServer.run { connection in
            try await connection.readHead()
            try await connection.send("\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}\u{46}")
        } _: { server in
            let error = try await #require(throws: HTTPClientError.self) {
                try await HTTPClient().send(ClientRequest(.get, server.url))
            }
            #expect("\(error)".contains("TLS"))
        }
    }
}

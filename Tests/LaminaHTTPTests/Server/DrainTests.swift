import HTTPTypes
import Testing

@testable import LaminaHTTP

struct DrainTests {
    /// Runs a server in a task that the test awaits itself.
    private func start(
        configure: (inout HTTPServerConfiguration) -> Void = { _ in },
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse
    ) throws -> (HTTPServer, Int, Task<Void, any Error>) {
        var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
        configure(&configuration)
        let server = HTTPServer(configuration: configuration, handler: handler)
        try server.bind()
        return (server, try #require(server.port), Task { try await server.run() })
    }

    @Test func `Lets a stream finish, closes idle connections, accepts no more, and returns`() async throws {
        let goOn = Signal()
        let (server, port, run) = try start { request in
            guard request.path == "/stream" else { return .echo(request) }
            return OutgoingResponse(
                body: .stream { writer in
                    try await writer.write(Array("begun".utf8))
                    await goOn.wait()
                    try await writer.write(Array("ended".utf8))
                })
        }
        let idle = try TestClient(port: port)
        let streaming = try TestClient(port: port)
        defer {
            idle.close()
            streaming.close()
        }
        #expect(try await idle.get("/").status == 200)
        try await streaming.send("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
        _ = try await streaming.head()
        #expect(try await streaming.chunk() == Array("begun".utf8))

        server.beginDrain()
        server.beginDrain()
        #expect(try await idle.rest().isEmpty)
        goOn.fire()
        #expect(try await streaming.chunk() == Array("ended".utf8))
        #expect(try await streaming.chunk() == nil)
        #expect(try await streaming.rest().isEmpty)
        try await run.value
        #expect(throws: TestClient.Failure.self) { try TestClient(port: port) }
        #expect(server.connectionCount == 0)
    }

    @Test func `Announces the end on answers given while draining`() async throws {
        let (began, goOn) = (Signal(), Signal())
        let (server, port, run) = try start { request in
            began.fire()
            await goOn.wait()
            return .echo(request)
        }
        let client = try TestClient(port: port)
        defer { client.close() }
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await began.expect("the handler runs")
        server.beginDrain()
        goOn.fire()
        let response = try await client.response()
        #expect(response.status == 200)
        #expect(response.fields["connection"] == "close")
        #expect(try await client.rest().isEmpty)
        try await run.value
    }

    @Test func `Cancels what still runs when the drain has taken too long`() async throws {
        let (began, cancelled) = (Signal(), Signal())
        let (server, port, run) = try start {
            $0.drainTimeout = .milliseconds(50)
        } handler: { _ in
            began.fire()
            await Signal().wait()
            cancelled.fire()
            return .text("late")
        }
        let client = try TestClient(port: port)
        defer { client.close() }
        try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        await began.expect("the handler runs")
        server.beginDrain()
        try await run.value
        #expect(cancelled.hasFired)
    }

    @Test(arguments: ["GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf"])
    func `Does not wait for requests that never arrive whole`(beginning: String) async throws {
        // Only the drain's own patience is short.
        let (server, port, run) = try start {
            $0.drainReadTimeout = .milliseconds(50)
            $0.drainTimeout = .seconds(600)
            $0.readHeaderTimeout = .seconds(600)
            $0.readBodyTimeout = .seconds(600)
        } handler: { request in
            .echo(request)
        }
        let client = try TestClient(port: port)
        defer { client.close() }
        try await client.send(beginning)
        let other = try TestClient(port: port)
        defer { other.close() }
        // By the time this is answered the first connection has been accepted.
        #expect(try await other.get("/").status == 200)
        server.beginDrain()
        try await run.value
    }

    @Test func `Stops at once, also during a drain`() async throws {
        for drainsFirst in [false, true] {
            let began = Signal()
            let (server, port, run) = try start { _ in
                began.fire()
                await Signal().wait()
                return .text("late")
            }
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.expect("the handler runs")
            if drainsFirst { server.beginDrain() }
            server.stopNow()
            server.stopNow()
            try await run.value
            #expect(server.connectionCount == 0)
        }
    }

    @Test func `Ends when its task is cancelled`() async throws {
        let (server, port, run) = try start { request in .echo(request) }
        let client = try TestClient(port: port)
        defer { client.close() }
        #expect(try await client.get("/").status == 200)
        run.cancel()
        try await run.value
        #expect(server.connectionCount == 0)
    }

    @Test func `Returns at once when drained before it runs`() async throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(port: 0)) { _ in .text("") }
        try server.bind()
        server.beginDrain()
        try await server.run()
    }

    @Test func `Says which address is in use`() throws {
        let first = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { first.close() }
        let port = first.address.port
        let second = HTTPServer(configuration: HTTPServerConfiguration(port: port)) { _ in .text("") }
        let error = #expect(throws: SocketError.self) { try second.bind() }
        #expect(
            error?.description
                == "cannot listen on 127.0.0.1:\(port): address already in use; choose another --port")
    }
}

import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// When connections are announced to end, and when they do.
struct ConnectionLifeTests {
    @Test func `Announces the end of a connection that is old, and only then closes it`() async throws {
        try await withEchoServer {
            $0.maximumConnectionAge = .nanoseconds(1)
        } _: { client, _ in
            let response = try await client.get("/")
            #expect(response.status == 200)
            #expect(response.fields["connection"] == "close")
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Keeps a connection that is not old`() async throws {
        try await withEchoServer {
            $0.maximumConnectionAge = .seconds(3600)
        } _: { client, _ in
            for _ in 0..<3 {
                let response = try await client.get("/")
                #expect(response.fields["connection"] == nil)
            }
        }
    }

    @Test func `Keeps an idle connection as long as was said last`() async throws {
        try await withServer {
            $0.idleTimeout = .seconds(600)
        } handler: { request in
            .echo(request)
        } _: { server, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            server.idleTimeout = .milliseconds(50)
            #expect(try await client.get("/").status == 200)
            #expect(try await client.rest().isEmpty)
        }
    }

    @Test func `Announces the end on every answer while it still accepts`() async throws {
        try await withServer { request in
            .echo(request)
        } _: { server, port in
            let kept = try TestClient(port: port)
            defer { kept.close() }
            #expect(try await kept.get("/").fields["connection"] == nil)
            server.announceClose()
            let fresh = try TestClient(port: port)
            defer { fresh.close() }
            for client in [fresh, kept] {
                let response = try await client.get("/")
                #expect(response.status == 200)
                #expect(response.fields["connection"] == "close")
                #expect(try await client.rest().isEmpty)
            }
        }
    }

    @Test func `Answers a request that comes just as a drain begins`() async throws {
        try await withServer {
            $0.drainIdleGrace = .seconds(600)
            $0.drainTimeout = .seconds(600)
        } handler: { request in
            .echo(request)
        } _: { server, port in
            let (used, fresh) = (try TestClient(port: port), try TestClient(port: port))
            defer {
                used.close()
                fresh.close()
            }
            #expect(try await used.get("/").fields["connection"] == nil)
            server.beginDrain()
            for client in [used, fresh] {
                let response = try await client.get("/late")
                #expect(response.text == "GET /late ")
                #expect(response.fields["connection"] == "close")
                #expect(try await client.rest().isEmpty)
            }
        }
    }

    @Test func `Takes in who was connected before it stopped listening`() async throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(port: 0)) { .echo($0) }
        try server.bind()
        // The kernel has made these connections; the server has not seen them.
        let clients = try (0..<3).map { _ in try TestClient(port: try #require(server.port)) }
        for client in clients { try await client.send("GET /early HTTP/1.1\r\nHost: a\r\n\r\n") }
        server.beginDrain()
        let run = Task { try await server.run() }
        for client in clients {
            #expect(try await client.response().fields["connection"] == "close")
            client.close()
        }
        try await run.value
    }

    @Test func `Refuses one connection too many of a peer, until one has ended`() async throws {
        let log = EventLog()
        try await withServer(observer: log) {
            $0.maximumConnectionsPerPeer = 2
        } handler: { request in
            .echo(request)
        } _: { _, port in
            let kept = try TestClient(port: port)
            defer { kept.close() }
            let short = try TestClient(port: port)
            for client in [kept, short] { #expect(try await client.get("/").status == 200) }
            let refused = try TestClient(port: port)
            defer { refused.close() }
            let response = try await refused.response()
            #expect(response.status == 503)
            #expect(response.text.contains("Your address has too many connections"))
            short.close()
            try await log.wait { if case .connectionClosed = $0 { true } else { false } }
            // The place is free a moment after the event.
            var status = 503
            while status == 503 {
                let next = try TestClient(port: port)
                defer { next.close() }
                try await next.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
                status = try await next.response().status
            }
            #expect(status == 200)
        }
        #expect(log.all.contains { if case .connectionRefused(.perPeer, _) = $0 { true } else { false } })
    }

    @Test func `Answers a body that stands still with 408`() async throws {
        try await withEchoServer {
            $0.readBodyTimeout = .seconds(600)
            $0.bodyIdleTimeout = .milliseconds(50)
        } _: { client, _ in
            try await client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nslow")
            #expect(try await client.response().status == 408)
        }
    }

    @Test func `Refuses large bodies while others take all the memory, and takes them again afterwards`() async throws {
        let (began, goOn) = (Signal(), Signal())
        let body = String(repeating: "x", count: 200_000)
        let head = "HTTP/1.1\r\nHost: a\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        try await withServer {
            $0.maximumBodyMemory = 300_000
        } handler: { request in
            if request.path == "/first" {
                began.fire()
                await goOn.wait()
            }
            return .text("\(request.body.count)")
        } _: { _, port in
            let first = try TestClient(port: port)
            defer { first.close() }
            try await first.send("POST /first \(head)\(body)")
            await began.expect("the first body has arrived")
            let second = try TestClient(port: port)
            defer { second.close() }
            try await second.send("POST /second \(head)\(body)")
            let refusal = try await second.response()
            #expect(refusal.status == 503)
            #expect(refusal.fields["retry-after"] == "1")
            let small = try TestClient(port: port)
            defer { small.close() }
            #expect(try await small.get("/small").status == 200)
            goOn.fire()
            #expect(try await first.response().text == "200000")
            // On the same connection: what came before has been given back.
            try await first.send("POST /third \(head)\(body)")
            #expect(try await first.response().text == "200000")
        }
    }

    @Test func `Lends memory for bodies up to its limit and gets all of it back`() {
        let memory = BodyMemory(limitBytes: 1_000_000)
        var leases = (0..<3).map { _ in BodyMemory.Lease(memory) }
        #expect(leases.map { $0.cover(1) } == [true, true, true])
        #expect(memory.lentBytes == 3 * 256 * 1024)
        #expect(!leases[0].cover(900_000))
        leases.removeLast()
        #expect(memory.lentBytes == 2 * 256 * 1024)
        #expect(leases[0].cover(600_000))
        leases = []
        #expect(memory.lentBytes == 0)
    }

    @Test func `Tells of a stream whose client left before its head was written`() async throws {
        let (began, finished) = (Signal(), Signal())
        let outcome = Mutex(RequestReport.Outcome.complete)
        try await withServer { _ in
            began.fire()
            await Signal().wait()
            var response = OutgoingResponse(body: .stream { _ in })
            response.onFinished = { report in
                outcome.withLock { $0 = report.outcome }
                finished.fire()
            }
            return response
        } _: { _, port in
            let client = try TestClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.expect("the handler runs")
            client.reset()
            await finished.expect("the end is told")
        }
        #expect(outcome.withLock { $0 } == .clientGone)
    }

    @Test func `Gives a reader time by what it has read`() {
        let began = ContinuousClock.now
        let pace = WritePace(timeout: .seconds(30), began: began)
        #expect(pace.deadline(written: 0, now: began) == began + .seconds(30))
        #expect(pace.deadline(written: 100 * 1024, now: began + .seconds(10)) == began + .seconds(40))
        #expect(pace.deadline(written: 5 * 1024, now: began + .seconds(29)) == began + .seconds(35))
    }
}

import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

struct StreamingTests {
    @Test func `Delivers server-sent events one by one`() async throws {
        // The handler writes the next event only when the client has read the one before.
        let read = (0..<3).map { _ in Signal() }
        try await withServer { _ in
            OutgoingResponse(
                headers: ServerSentEvents.headers,
                body: .stream { writer in
                    for (number, signal) in read.enumerated() {
                        try await writer.write(ServerSentEvents.event(data: "\(number)"))
                        await signal.wait()
                    }
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            let head = try await client.head()
            #expect(head.fields["content-type"] == "text/event-stream")
            #expect(head.fields["x-accel-buffering"] == "no")
            #expect(head.fields["transfer-encoding"] == "chunked")
            for (number, signal) in read.enumerated() {
                #expect(try await client.chunk() == Array("data: \(number)\n\n".utf8))
                signal.fire()
            }
            #expect(try await client.chunk() == nil)
        }
    }

    @Test func `Streams to an HTTP 1.0 client up to the end of the connection`() async throws {
        try await withServer { _ in
            OutgoingResponse(body: .stream { try await $0.write(Array("hello".utf8)) })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            let response = try await client.response()
            #expect(response.fields["transfer-encoding"] == nil)
            #expect(response.fields["connection"] == "close")
            #expect(response.text == "hello")
        }
    }

    @Test func `Does not run a stream for HEAD`() async throws {
        let ran = Signal()
        try await withServer { _ in
            OutgoingResponse(body: .stream { _ in ran.fire() })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.response(hasBody: false).status == 200)
        }
        #expect(!ran.hasFired)
    }

    @Test func `Leaves out the last chunk when the stream throws`() async throws {
        struct Broken: Error {}
        let log = EventLog()
        try await withServer(observer: log) { _ in
            OutgoingResponse(
                body: .stream { writer in
                    try await writer.write(Array("part".utf8))
                    throw Broken()
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.head()
            #expect(try await client.rest() == Array("4\r\npart\r\n".utf8))
        }
        #expect(log.reports.map(\.outcome) == [.bodyFailed("Broken()")])
        #expect(log.reports.map(\.responseBytes) == [4])
    }

    @Test(arguments: [false, true])
    func `Cancels a streaming handler when the client goes away`(byReset: Bool) async throws {
        let (cancelled, log) = (Signal(), EventLog())
        try await withServer(observer: log) { _ in
            OutgoingResponse(
                body: .stream { writer in
                    try await writer.write([1])
                    await Signal().wait()
                    if Task.isCancelled { cancelled.fire() }
                    try Task.checkCancellation()
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.head()
            _ = try await client.chunk()
            if byReset { client.reset() } else { client.close() }
            await cancelled.expect("the handler is cancelled")
            try await log.wait { if case .requestFinished = $0 { true } else { false } }
            #expect(log.reports.map(\.outcome) == [.clientGone])
        }
    }

    @Test func `Cancels a handler that has not answered yet when the client closes its sending side`() async throws {
        let (began, cancelled) = (Signal(), Signal())
        try await withServer { _ in
            began.fire()
            await Signal().wait()
            if Task.isCancelled { cancelled.fire() }
            return .text("late")
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await began.expect("the handler runs")
            client.halfClose()
            await cancelled.expect("the handler is cancelled")
            // A half-closed client can still read what the handler gives.
            let response = try await client.response()
            #expect(response.text == "late")
            #expect(response.fields["connection"] == "close")
        }
    }

    @Test func `Slows a writer down to its reader`() async throws {
        let written = Mutex(0)
        let total = 64
        let piece = [UInt8](repeating: 1, count: 256 * 1024)
        let done = Signal()
        try await withServer { _ in
            OutgoingResponse(
                body: .stream { writer in
                    for _ in 0..<total {
                        try await writer.write(piece)
                        written.withLock { $0 += 1 }
                    }
                    done.fire()
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.head()
            #expect(try await client.chunk() == piece)
            // The kernel holds a few MB at most; the 16 MB of the whole body cannot have been written yet.
            #expect(!done.hasFired)
            #expect(written.withLock { $0 } < total)
            for _ in 1..<total { #expect(try await client.chunk()?.count == piece.count) }
            #expect(try await client.chunk() == nil)
        }
        #expect(done.hasFired)
    }

    @Test func `Gives up on a client that does not read`() async throws {
        let log = EventLog()
        let thrown = Mutex<SocketError?>(nil)
        try await withServer(observer: log) {
            $0.writeTimeout = .milliseconds(100)
        } handler: { _ in
            OutgoingResponse(
                body: .stream { writer in
                    do {
                        while true { try await writer.write([UInt8](repeating: 1, count: 1_000_000)) }
                    } catch {
                        thrown.withLock { $0 = error as? SocketError }
                        throw error
                    }
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            client.shrinkReceiveBuffer()
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            try await log.wait { if case .requestFinished = $0 { true } else { false } }
        }
        // The kernel's own time-out for unacknowledged bytes may come first.
        let outcome = try #require(log.reports.first?.outcome)
        #expect(outcome == .writeTimedOut || outcome == .clientGone)
        #expect([.timedOut, .peerGone].contains(thrown.withLock { $0 }))
    }

    @Test func `Keeps the pieces of several writers whole`() async throws {
        try await withServer { _ in
            OutgoingResponse(
                body: .stream { writer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for letter in UInt8(ascii: "a")...UInt8(ascii: "h") {
                            group.addTask {
                                let piece = [UInt8](repeating: letter, count: 50_000)
                                for _ in 0..<10 { try await writer.write(piece) }
                            }
                        }
                        try await group.waitForAll()
                    }
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            _ = try await client.head()
            var pieces = 0
            while let chunk = try await client.chunk() {
                #expect(chunk.count == 50_000 && Set(chunk).count == 1)
                pieces += 1
            }
            #expect(pieces == 80)
        }
    }

    @Test func `Refuses writes after the end of the response`() async throws {
        let kept = Mutex<(any ResponseBodyWriter)?>(nil)
        try await withServer { _ in
            OutgoingResponse(body: .stream { writer in kept.withLock { $0 = writer } })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            #expect(try await client.get("/").body.isEmpty)
            let writer = try #require(kept.withLock { $0 })
            await #expect(throws: SocketError.closed) { try await writer.write([1]) }
        }
    }
}

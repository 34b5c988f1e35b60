import Synchronization
import Testing

@testable import LaminaHTTP

struct HeartbeatWriterTests {
    private static let comment = Array(": keep-alive\n\n".utf8)

    @Test func `A stream that says nothing sends its head and comments, then what it has to say`() async throws {
        let goOn = Signal()
        try await withServer { _ in
            OutgoingResponse(
                headers: ServerSentEvents.headers,
                body: .stream { writer in
                    let events = HeartbeatWriter(writer, every: .milliseconds(1))
                    try await events.whileBeating {
                        await goOn.wait()
                        try await events.write(ServerSentEvents.event(data: "text"))
                    }
                })
        } _: { _, port in
            let client = try TestClient(port: port)
            defer { client.close() }
            try await client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try await client.head().status == 200)
            for _ in 0..<3 { #expect(try await client.chunk() == Self.comment) }
            goOn.fire()
            var chunk = try await client.chunk()
            while chunk == Self.comment { chunk = try await client.chunk() }
            #expect(chunk == Array("data: text\n\n".utf8))
            while let rest = try await client.chunk() { #expect(rest == Self.comment) }
        }
    }

    @Test func `Without an interval nothing is added`() async throws {
        let recorder = Recorder()
        let events = HeartbeatWriter(recorder, every: nil)
        #expect(!events.hasWritten)
        let value = try await events.whileBeating {
            try await events.write([1])
            return 7
        }
        #expect(value == 7 && events.hasWritten)
        #expect(recorder.pieces.withLock { $0 } == [[1]])
    }

    @Test func `A comment that is being written when the work ends is not cut in two`() async throws {
        let recorder = Recorder()
        let events = HeartbeatWriter(recorder, every: .milliseconds(1))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await events.whileBeating { await recorder.began.expect("a comment is being written") }
                recorder.workEnded.fire()
            }
            await recorder.began.wait()
            // Whoever ends the work now has to wait for the comment.
            for _ in 0..<100 { await Task.yield() }
            #expect(!recorder.workEnded.hasFired)
            recorder.goOn.fire()
            try await group.waitForAll()
        }
        #expect(recorder.pieces.withLock { $0 } == [Self.comment])
        #expect(!recorder.wasCancelled.withLock { $0 })
    }

    @Test func `What ends the work ends the comments, and is passed on`() async throws {
        struct Broken: Error {}
        let events = HeartbeatWriter(Recorder(isOpen: true), every: .milliseconds(1))
        await #expect(throws: Broken.self) {
            try await events.whileBeating { throw Broken() }
        }
    }

    /// Keeps what is written, each piece once it is let through.
    private final class Recorder: ResponseBodyWriter {
        let pieces = Mutex<[[UInt8]]>([])
        let wasCancelled = Mutex(false)
        let began = Signal()
        let goOn = Signal()
        let workEnded = Signal()

        init(isOpen: Bool = false) {
            if isOpen { goOn.fire() }
        }

        func write(_ bytes: [UInt8]) async throws {
            if bytes == HeartbeatWriterTests.comment {
                began.fire()
                await goOn.wait()
                if Task.isCancelled { wasCancelled.withLock { $0 = true } }
            }
            pieces.withLock { $0.append(bytes) }
        }
    }
}

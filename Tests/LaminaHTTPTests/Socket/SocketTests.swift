import Testing

@testable import LaminaHTTP

struct SocketTests {
    @Test func `Reads what was written, then the end`() async throws {
        let (left, right) = try socketPair()
        defer { right.close() }
        try await left.write([1, 2, 3], timeout: .seconds(5))
        #expect(try await right.read(until: nil) == .bytes([1, 2, 3]))
        #expect(try right.readNow() == nil)
        left.close()
        #expect(try await right.read(until: .now + .seconds(5)) == .endOfStream)
    }

    @Test func `Waits for bytes that come later`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        for round in UInt8(0)..<100 {
            async let read = right.read(until: .now + .seconds(20))
            try await left.write([round], timeout: .seconds(5))
            #expect(try await read == .bytes([round]))
        }
    }

    @Test func `Moves more bytes than the kernel holds`() async throws {
        let (left, right) = try socketPair()
        defer { right.close() }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        async let writing: Void = left.write(bytes, timeout: .seconds(20))
        var received: [UInt8] = []
        while received.count < bytes.count {
            guard case .bytes(let piece) = try await right.read(until: .now + .seconds(20)) else { break }
            received += piece
        }
        try await writing
        left.close()
        #expect(received == bytes)
    }

    @Test func `Ends a wait at its deadline, and can wait again`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        for _ in 0..<3 {
            await #expect(throws: SocketError.timedOut) { try await right.read(until: .now + .milliseconds(5)) }
        }
        try await left.write([7], timeout: .seconds(5))
        #expect(try await right.read(until: .now + .seconds(20)) == .bytes([7]))
    }

    @Test func `Ends a wait at a deadline earlier than that of a wait before`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        let patient = Task { try await right.read(until: .now + .seconds(3600)) }
        await Task.yield()
        patient.cancel()
        await #expect(throws: SocketError.cancelled) { try await patient.value }
        // With the timer left where it was, this would take an hour.
        await #expect(throws: SocketError.timedOut) { try await right.read(until: .now + .milliseconds(5)) }
    }

    @Test func `Ends a wait by cancellation, before it begins or later`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        for _ in 0..<50 {
            let reading = Task { try await right.read(until: nil) }
            await Task.yield()
            reading.cancel()
            await #expect(throws: SocketError.cancelled) { try await reading.value }
        }
        try await left.write([9], timeout: .seconds(5))
        #expect(try await right.read(until: .now + .seconds(20)) == .bytes([9]))
    }

    @Test func `Remembers an interruption that came too early`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        right.interruptRead()
        #expect(try await right.read(until: .now + .seconds(20)) == .interrupted)
        await #expect(throws: SocketError.timedOut) { try await right.read(until: .now) }
    }

    @Test func `Ends waits when closed and throws afterwards`() async throws {
        let (left, right) = try socketPair()
        defer { left.close() }
        let reading = Task { try await right.read(until: nil) }
        await Task.yield()
        right.close()
        right.close()
        // Either the wait was ended, or the call found the descriptor closed.
        await #expect(throws: SocketError.self) { try await reading.value }
    }

    @Test func `Throws instead of a signal when the peer is gone`() async throws {
        let (left, right) = try socketPair()
        defer { left.close() }
        right.close()
        await #expect(throws: SocketError.peerGone) {
            while true { try await left.write([1], timeout: .seconds(5)) }
        }
    }

    @Test func `Times out writing to a peer that does not read`() async throws {
        let (left, right) = try socketPair()
        defer {
            left.close()
            right.close()
        }
        let bytes = [UInt8](repeating: 0, count: 10_000_000)
        await #expect(throws: SocketError.timedOut) { try await left.write(bytes, timeout: .milliseconds(20)) }
    }
}

struct ListeningSocketTests {
    @Test(arguments: ["127.0.0.1", "localhost", "0.0.0.0"])
    func `Listens on a port of the system's choice`(host: String) throws {
        let listener = try ListeningSocket(host: host, port: 0)
        defer { listener.close() }
        #expect(listener.address.port > 0)
    }

    @Test func `Accepts a connection and knows its peer`() async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        async let accepted = listener.accept()
        let client = try TestClient(port: listener.address.port)
        defer { client.close() }
        guard case .connection(let socket) = try await accepted else {
            Issue.record("a connection is accepted")
            return
        }
        defer { socket.close() }
        #expect(socket.remoteAddress.hasPrefix("127.0.0.1:"))
    }

    @Test func `Says what is wrong with an address`() {
        let foreign = #expect(throws: SocketError.self) { try ListeningSocket(host: "192.0.2.1", port: 0) }
        #expect(foreign?.description.contains("this machine has no such address") == true)
        let port = #expect(throws: SocketError.self) { try ListeningSocket(host: "127.0.0.1", port: 70_000) }
        #expect(port?.description.contains("a port is between 0 and 65535") == true)
    }

    @Test func `Writes IPv6 addresses in brackets`() {
        #expect(SocketAddress.text(host: "::1", port: 80) == "[::1]:80")
    }
}

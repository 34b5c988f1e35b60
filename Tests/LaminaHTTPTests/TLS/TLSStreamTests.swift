import COpenSSL
import Glibc
import Synchronization
import Testing

@testable import LaminaHTTP

struct TLSStreamTests {
    private let serverContext: TLSServerContext
    private let clientContext: TLSClientContext

    init() throws {
        let authority = try TestAuthority()
        serverContext = try testServer(authority.server("localhost"))
        clientContext = try testClient(authority)
    }

    private var deadline: ContinuousClock.Instant { .now + TestClient.patience }

    /// Two connected streams and the socket below the client's.
    private func connect() async throws -> (server: TLSStream, client: TLSStream, below: ConnectedSocket) {
        let (one, other) = try socketPair()
        let server = TLSStream(server: serverContext, over: one)
        async let client = TLSStream.client(over: other, host: "localhost", context: clientContext, until: deadline)
        try await server.accept(until: deadline)
        return (server, try await client, other)
    }

    /// Reads up to the end or the count.
    private func read(_ stream: TLSStream, _ count: Int = .max) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < count {
            switch try await stream.read(until: deadline) {
            case .bytes(let new): bytes += new
            case .endOfStream: return bytes
            case .interrupted: continue
            }
        }
        return bytes
    }

    private static func pattern(_ count: Int, seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8 &+ seed) }
    }

    @Test func `Carries much both ways at once, with key updates in between`() async throws {
        let (server, client, _) = try await connect()
        let up = Self.pattern(3_000_000, seed: 1)
        let down = Self.pattern(3_000_000, seed: 2)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (stream, sent) in [(server, down), (client, up)] {
                group.addTask {
                    for (index, piece) in TLSPair.pieces(sent, 100_000).enumerated() {
                        if index % 3 == 0 { stream.requestKeyUpdate() }
                        try await stream.write(piece, timeout: TestClient.patience)
                    }
                }
            }
            for (stream, expected) in [(server, up), (client, down)] {
                group.addTask {
                    let received = try await read(stream, expected.count)
                    #expect(received == expected)
                }
            }
            try await group.waitForAll()
        }
        server.close()
        client.close()
    }

    @Test func `An answer to a key update is sent though nobody writes`() async throws {
        let (server, client, _) = try await connect()
        client.requestKeyUpdate()
        try await client.write(Array("ping".utf8), timeout: TestClient.patience)
        #expect(try await read(server, 4) == Array("ping".utf8))
        // The answer and the tickets before it are no data; what follows them is read with the new keys.
        try await server.write(Array("pong".utf8), timeout: TestClient.patience)
        #expect(try await read(client, 4) == Array("pong".utf8))
        server.close()
        client.close()
    }

    @Test func `A stream on which only tickets have arrived is quiet`() async throws {
        let (server, client, _) = try await connect()
        #expect(try client.readNow() == nil)
        #expect(try server.readNow() == nil)
        server.close()
        client.close()
    }

    @Test func `A peer that ends its direction still gets the answer`() async throws {
        let (server, client, _) = try await connect()
        try await client.write(Array("question".utf8), timeout: TestClient.patience)
        client.shutdownWrite()
        #expect(try await read(server) == Array("question".utf8))
        try await server.write(Array("answer".utf8), timeout: TestClient.patience)
        server.close()
        #expect(try await read(client) == Array("answer".utf8))
        client.close()
    }

    @Test func `A connection cut off is an error for the client and an end for the server`() async throws {
        let (server, client, below) = try await connect()
        try await server.write(Array("part".utf8), timeout: TestClient.patience)
        server.transport.shutdownWrite()
        #expect(try await read(client, 4) == Array("part".utf8))
        await #expect(throws: SocketError.self) { try await read(client) }
        below.shutdownWrite()
        #expect(try await read(server).isEmpty)
        server.close()
        client.close()
    }

    @Test func `Lingering says that all was sent, and takes what the peer still sends`() async throws {
        let (server, client, _) = try await connect()
        try await client.write(Self.pattern(50_000, seed: 3), timeout: TestClient.patience)
        try await server.write(Array("answer".utf8), timeout: TestClient.patience)
        async let lingering: Void = server.linger(for: TestClient.patience)
        #expect(try await read(client) == Array("answer".utf8))
        client.close()
        await lingering
        server.close()
    }

    @Test func `A write to a peer that reads nothing ends by its time-out, and nothing follows it`() async throws {
        let (server, client, _) = try await connect()
        await #expect(throws: SocketError.timedOut) {
            try await server.write(Self.pattern(8_000_000, seed: 4), timeout: .milliseconds(50))
        }
        await #expect(throws: SocketError.peerGone) { try await server.write([1], timeout: .milliseconds(50)) }
        server.close()
        // The record that was cut in two is an error, not an end.
        await #expect(throws: SocketError.self) { _ = try await read(client) }
        client.close()
    }

    @Test func `A peer that asks for answers without reading them is given up`() async throws {
        let (server, client, below) = try await connect()
        let flood = Task {
            // Some hundred thousand requests for key updates, of which the answers fill every buffer.
            for _ in 0..<4000 {
                try await below.write(client.keyUpdates(100), timeout: TestClient.patience)
            }
        }
        await #expect(throws: SocketError.self) { _ = try await read(server) }
        server.close()
        flood.cancel()
        _ = await flood.result
        client.close()
    }

    @Test func `The handshake ends by its deadline`() async throws {
        let (one, other) = try socketPair()
        let server = TLSStream(server: serverContext, over: one)
        await #expect(throws: TLSFailure.self) { try await server.accept(until: .now + .milliseconds(30)) }
        try await other.write([0x16, 3, 1], timeout: TestClient.patience)
        do throws(TLSFailure) {
            try await server.accept(until: .now + .milliseconds(30))
            Issue.record("there was no handshake")
        } catch {
            #expect(error.cause == .timedOut)
        }
        server.close()
        await #expect(throws: TLSError.transport(.peerGone)) {
            try await TLSStream.client(over: other, host: "localhost", context: clientContext, until: deadline)
        }
    }

    @Test func `A peer that leaves is told from one that talks nonsense`() async throws {
        for (bytes, cause) in [
            ([], TLSFailure.Cause.disconnected), ([0x16, 3], .disconnected), (Array("\u{1}nonsense".utf8), .version),
            (Array("GET / HTTP/1.1\r\n".utf8), .plainHTTP), (Array("PATCH /x HTTP/1.1\r\n".utf8), .plainHTTP),
        ] {
            let (one, other) = try socketPair()
            let server = TLSStream(server: serverContext, over: one)
            try await other.write(bytes, timeout: TestClient.patience)
            other.close()
            do throws(TLSFailure) {
                try await server.accept(until: deadline)
                Issue.record("there was no handshake")
            } catch {
                #expect(error.cause == cause, "\(bytes)")
            }
            server.close()
        }
    }

    @Test func `The client says which server it does not trust, and what to do`() async throws {
        let (one, other) = try socketPair()
        let stranger = try TestAuthority(name: "Stranger")
        let server = TLSStream(server: try testServer(stranger.server("localhost")), over: one)
        async let accepted: TLSFailure? = {
            do throws(TLSFailure) {
                try await server.accept(until: .now + TestClient.patience)
                return nil
            } catch {
                return error
            }
        }()
        do throws(TLSError) {
            _ = try await TLSStream.client(over: other, host: "localhost", context: clientContext, until: deadline)
            Issue.record("the client trusts a stranger")
        } catch {
            #expect(
                error.description.hasPrefix("no TLS connection to localhost: unable to get local issuer certificate"))
        }
        let failure = await accepted
        #expect(failure?.cause == .peerAlert)
        #expect(failure?.reason.contains("unknown ca") == true)
        server.close()
    }

    @Test func `A stream within a stream works too`() async throws {
        let (outerServer, outerClient, _) = try await connect()
        let server = TLSStream(server: serverContext, over: outerServer)
        async let inner = TLSStream.client(
            over: outerClient, host: "localhost", context: clientContext, until: deadline)
        try await server.accept(until: deadline)
        let client = try await inner
        let bytes = Self.pattern(200_000, seed: 5)
        async let received = read(server, bytes.count)
        try await client.write(bytes, timeout: TestClient.patience)
        #expect(try await received == bytes)
        client.close()
        #expect(try await read(server).isEmpty)
        server.close()
    }
}

extension TLSStream {
    /// Has the next write begin with a key update that asks for one in turn.
    fileprivate func requestKeyUpdate() {
        state.withLock { state in
            if let session = state.session { SSL_key_update(session.handle, SSL_KEY_UPDATE_REQUESTED) }
        }
    }

    /// Records with requests for key updates.
    fileprivate func keyUpdates(_ count: Int) -> [UInt8] {
        state.withLock { state in
            guard let session = state.session else { return [] }
            for _ in 0..<count {
                SSL_key_update(session.handle, SSL_KEY_UPDATE_REQUESTED)
                SSL_do_handshake(session.handle)
            }
            return session.takeOutput()
        }
    }
}

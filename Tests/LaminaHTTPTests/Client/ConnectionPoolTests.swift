import Glibc
import Testing

@testable import LaminaHTTP

/// What becomes of connections between requests.
@Suite(.timeLimit(.minutes(1)))
struct ConnectionPoolTests {
    private static let key = ConnectionPool.Key(
        route: .direct(HTTPOrigin(scheme: .http, host: "127.0.0.1", port: 80)), tls: nil)

    /// The two ends of a TCP connection.
    private func connected() async throws -> (client: ConnectedSocket, server: ConnectedSocket) {
        let deadline = ContinuousClock.now + TestClient.patience
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        let client = try await ConnectedSocket.connect(
            host: "127.0.0.1", port: listener.address.port, until: deadline)
        while true {
            if case .connection(let server) = try await listener.accept() { return (client, server) }
        }
    }

    @Test func `Hands out a connection on which nothing has happened`() async throws {
        let (client, server) = try await connected()
        defer { server.close() }
        let pool = ConnectionPool(limitPerKey: 1, maximumAge: .seconds(3600))
        pool.put(client, Self.key)
        let taken = try #require(pool.take(Self.key))
        #expect(taken as AnyObject === client)
        #expect(pool.take(Self.key) == nil)
        taken.close()
    }

    @Test(arguments: [false, true])
    func `Does not hand out a connection that the server has closed or reset`(isReset: Bool) async throws {
        let (client, server) = try await connected()
        let pool = ConnectionPool(limitPerKey: 1, maximumAge: .seconds(3600))
        pool.put(client, Self.key)
        if isReset {
            var option = linger(l_onoff: 1, l_linger: 0)
            setsockopt(
                server.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        }
        server.close()
        // The end may arrive a moment later. Waiting for it reads nothing: that is left to the pool.
        let outcome = await client.readiness.wait(for: .read, until: .now + TestClient.patience)
        #expect(outcome == .ready)
        #expect(pool.take(Self.key) == nil)
    }
}

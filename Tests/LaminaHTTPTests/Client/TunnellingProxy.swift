import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// A proxy that opens every tunnel it is asked for to one server, and counts them.
final class TunnellingProxy: Sendable {
    private let target: HTTPOrigin
    private let heads = Mutex<[String]>([])

    /// - Parameter target: where tunnels lead, whatever server is asked for: names of tests need not be resolved.
    init(to target: HTTPOrigin) { self.target = target }

    /// What it was asked.
    var requests: [String] { heads.withLock { $0 } }

    func serve(_ connection: RawServer.Connection) async throws {
        let head = try await connection.readHead()
        heads.withLock { $0.append(head) }
        let server = try await ConnectedSocket.connect(
            host: target.host, port: target.port, until: .now + TestClient.patience)
        defer { server.close() }
        try await connection.send("HTTP/1.1 200 Connection established\r\n\r\n")
        await withTaskGroup { group in
            group.addTask { await Self.copy(from: connection.socket, to: server) }
            group.addTask { await Self.copy(from: server, to: connection.socket) }
            await group.next()
            group.cancelAll()
        }
    }

    private static func copy(from source: any ByteStream, to target: any ByteStream) async {
        // Whatever ends one direction ends the tunnel.
        while case .bytes(let bytes)? = try? await source.read(until: .now + TestClient.patience) {
            guard (try? await target.write(bytes, timeout: TestClient.patience)) != nil else { return }
        }
    }
}

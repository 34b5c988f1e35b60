import Testing

@testable import LaminaHTTP

/// A listening socket whose connections do exactly what a test says.
struct RawServer {
    /// One connection, and how many came before it.
    struct Connection: Sendable {
        let socket: ConnectedSocket
        let number: Int

        /// Reads a request without a body.
        func readHead() async throws {
            var bytes: [UInt8] = []
            while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                guard case .bytes(let more) = try await socket.read(until: .now + TestClient.patience) else { return }
                bytes += more
            }
        }

        func send(_ text: String) async throws {
            try await socket.write(Array(text.utf8), timeout: TestClient.patience)
        }

        /// Waits for the client to close.
        func readToEnd() async throws {
            while case .bytes = try await socket.read(until: .now + TestClient.patience) {}
        }
    }

    let url: HTTPURL

    /// Serves every connection by `serve`, then closes it, while `body` runs.
    static func run(
        serve: @escaping @Sendable (Connection) async throws -> Void, _ body: (RawServer) async throws -> Void
    ) async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(scheme: .http, host: "127.0.0.1", port: listener.address.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await accept(listener, serve) }
            try await body(RawServer(url: HTTPURL(origin: origin, path: "/")))
            group.cancelAll()
        }
        listener.close()
    }

    private static func accept(
        _ listener: ListeningSocket, _ serve: @escaping @Sendable (Connection) async throws -> Void
    ) async throws {
        await withDiscardingTaskGroup { group in
            var number = 0
            // Cancellation ends `accept` with an error, and so the loop.
            while case .connection(let socket)? = try? await listener.accept() {
                let connection = Connection(socket: socket, number: number)
                number += 1
                group.addTask {
                    // What the client does to the connection is for the client's end to judge.
                    try? await serve(connection)
                    socket.close()
                }
            }
        }
    }
}

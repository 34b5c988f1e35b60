import Testing

@testable import LaminaHTTP

/// A listening socket whose connections do exactly what a test says.
struct RawServer {
    /// One connection, and how many came before it.
    struct Connection: Sendable {
        let socket: any ByteStream
        let number: Int

        /// Reads a request without a body; empty at the end of the connection.
        @discardableResult
        func readHead() async throws -> String {
            var bytes: [UInt8] = []
            while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
                guard case .bytes(let more) = try await socket.read(until: .now + TestClient.patience) else {
                    return ""
                }
                bytes += more
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Answers every request on the connection with what `answer` makes of its head.
        func answer(_ answer: (String) -> String) async throws {
            while true {
                let head = try await readHead()
                if head.isEmpty { return }
                try await send(answer(head))
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

    /// Serves every connection by `serve`, then closes it, while `body` runs. With a TLS context connections are encrypted.
    static func run(
        tls: TLSServerContext? = nil, serve: @escaping @Sendable (Connection) async throws -> Void,
        _ body: (RawServer) async throws -> Void
    ) async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        let origin = HTTPOrigin(scheme: tls == nil ? .http : .https, host: "127.0.0.1", port: listener.address.port)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await accept(listener, tls, serve) }
            try await body(RawServer(url: HTTPURL(origin: origin, path: "/")))
            group.cancelAll()
        }
        listener.close()
    }

    private static func accept(
        _ listener: ListeningSocket, _ tls: TLSServerContext?,
        _ serve: @escaping @Sendable (Connection) async throws -> Void
    ) async throws {
        await withDiscardingTaskGroup { group in
            var number = 0
            // Cancellation ends `accept` with an error, and so the loop.
            while case .connection(let socket)? = try? await listener.accept() {
                let connectionNumber = number
                number += 1
                group.addTask {
                    let stream = tls.map { TLSStream(server: $0, over: socket) }
                    defer { stream?.close() ?? socket.close() }
                    // What the client does to the connection is for the client's end to judge.
                    guard (try? await stream?.accept(until: .now + TestClient.patience)) != nil || stream == nil else {
                        return
                    }
                    try? await serve(Connection(socket: stream ?? socket, number: connectionNumber))
                }
            }
        }
    }
}

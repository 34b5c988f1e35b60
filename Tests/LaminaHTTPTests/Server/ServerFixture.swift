import HTTPTypes
import Synchronization
import Testing

@testable import LaminaHTTP

/// Runs a server on a port of the system's choice while `body` runs, then stops it.
func withServer(
    observer: EventLog? = nil,
    configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse,
    admitsBody: BodyAdmission? = nil,
    _ body: (HTTPServer, Int) async throws -> Void
) async throws {
    var configuration = HTTPServerConfiguration(host: "127.0.0.1", port: 0)
    configure(&configuration)
    let server = HTTPServer(
        configuration: configuration, handler: handler, admitsBody: admitsBody, observer: observer)
    try server.bind()
    let port = try #require(server.port)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        defer { server.stopNow() }
        try await body(server, port)
        server.stopNow()
        try await group.waitForAll()
    }
}

/// Runs a server that echoes while `body` runs, with a client that is connected to it.
func withEchoServer(
    observer: EventLog? = nil, configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    _ body: (TestClient, Int) async throws -> Void
) async throws {
    try await withServer(observer: observer, configure: configure, handler: { .echo($0) }) { _, port in
        let client = try TestClient(port: port)
        defer { client.close() }
        try await body(client, port)
    }
}

/// Fires once; any number of tasks wait for it. Waiting ends at cancellation too.
final class Signal: Sendable {
    private let fired = Mutex(false)
    private let stream: AsyncStream<Void>
    private let sink: AsyncStream<Void>.Continuation

    init() {
        (stream, sink) = AsyncStream.makeStream()
    }

    var hasFired: Bool { fired.withLock { $0 } }

    func fire() {
        fired.withLock { $0 = true }
        sink.finish()
    }

    func wait() async {
        for await _ in stream {}
    }

    /// Waits; records an issue where it takes too long.
    func expect(_ comment: Comment, sourceLocation: SourceLocation = #_sourceLocation) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.wait() }
            group.addTask { try? await Task.sleep(for: TestClient.patience) }
            await group.next()
            group.cancelAll()
        }
        #expect(hasFired, comment, sourceLocation: sourceLocation)
    }
}

/// Keeps what a server observed and lets a test wait for it.
final class EventLog: HTTPServerObserver {
    private let events = Mutex<[HTTPServerEvent]>([])
    private let stream: AsyncStream<HTTPServerEvent>
    private let sink: AsyncStream<HTTPServerEvent>.Continuation

    init() {
        (stream, sink) = AsyncStream.makeStream()
    }

    var all: [HTTPServerEvent] { events.withLock { $0 } }

    var reports: [RequestReport] {
        all.compactMap { if case .requestFinished(let report) = $0 { report } else { nil } }
    }

    var refusals: [RequestError] {
        all.compactMap { if case .requestRefused(let error, _) = $0 { error } else { nil } }
    }

    func observe(_ event: HTTPServerEvent) {
        events.withLock { $0.append(event) }
        sink.yield(event)
    }

    /// Waits until an event of the kind has been observed. One waiter at a time.
    func wait(until matches: @Sendable @escaping (HTTPServerEvent) -> Bool) async throws {
        let found = await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                if self.all.contains(where: matches) { return true }
                for await event in self.stream where matches(event) { return true }
                return false
            }
            group.addTask {
                try? await Task.sleep(for: TestClient.patience)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        try #require(found, "the event did not come")
    }
}

extension OutgoingResponse {
    static func text(_ text: String) -> OutgoingResponse {
        OutgoingResponse(headers: [.contentType: "text/plain"], body: .bytes(Array(text.utf8)))
    }

    /// The path and the body of the request.
    static func echo(_ request: IncomingRequest) -> OutgoingResponse {
        .text("\(request.head.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))")
    }
}

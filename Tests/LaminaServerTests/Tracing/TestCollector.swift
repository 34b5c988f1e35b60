import HTTPTypes
import LaminaHTTP
import LaminaJSON
import Synchronization
import Testing

/// An OTLP collector on a port of its own, which answers as it is told and keeps what it was sent.
final class TestCollector: Sendable {
    /// One export request.
    struct Received: Sendable {
        let path: String
        let fields: HTTPFields
        let body: [UInt8]

        /// The names of its spans.
        var names: [String] { spans.compactMap { $0["name"]?.stringValue } }

        var spans: [JSONValue] {
            let resource = (try? JSONValue(parsing: body))?["resourceSpans"]?.arrayValue?.first
            return resource?["scopeSpans"]?.arrayValue?.first?["spans"]?.arrayValue ?? []
        }
    }

    /// What is answered to the requests in turn; the last goes on.
    private let answers: [OutgoingResponse]
    private let received = Mutex<[Received]>([])
    private let arrivals: AsyncStream<Received>
    private let arrival: AsyncStream<Received>.Continuation

    init(_ answers: [OutgoingResponse] = [.status(.ok, "{}")]) {
        self.answers = answers
        (arrivals, arrival) = AsyncStream.makeStream()
    }

    /// What it was sent so far.
    var requests: [Received] { received.withLock { $0 } }

    /// Waits for so many requests from now on. The test's time limit ends a wait in vain.
    func next(_ count: Int) async -> [Received] {
        var found: [Received] = []
        for await one in arrivals {
            found.append(one)
            if found.count == count { break }
        }
        return found
    }

    /// Runs it while `body` runs, which gets its URL.
    func run(_ body: (HTTPURL) async throws -> Void) async throws {
        let server = HTTPServer(configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 0)) { self.answer($0) }
        try server.bind()
        let port = try #require(server.port)
        try await withThrowingTaskGroup { group in
            group.addTask { try await server.run() }
            defer { server.stopNow() }
            try await body(HTTPURL("http://127.0.0.1:\(port)/v1/traces"))
        }
    }

    private func answer(_ request: IncomingRequest) -> OutgoingResponse {
        let one = Received(path: request.path, fields: request.head.headerFields, body: request.body)
        let number = received.withLock { received in
            received.append(one)
            return received.count
        }
        arrival.yield(one)
        return answers[min(number, answers.count) - 1]
    }
}

extension OutgoingResponse {
    static func status(
        _ status: HTTPResponse.Status, _ body: String = "", headers: HTTPFields = [:]
    ) -> OutgoingResponse {
        OutgoingResponse(status: status, headers: headers, body: .bytes(Array(body.utf8)))
    }
}

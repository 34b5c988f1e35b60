import HTTPTypes
import LaminaHTTP
import Synchronization
import Testing

@testable import LaminaServer

/// The administration of a sidecar, as a real listener on loopback that answers what a test says.
final class ProxyStandIn: Sendable {
    private let server: HTTPServer
    private let answers: Answers
    private let task: Task<Void, any Error>
    private let arrivals: AsyncStream<Void>

    let port: Int

    init(_ status: HTTPResponse.Status = .ok) throws {
        let answers = Answers(status)
        let (arrivals, sink) = AsyncStream<Void>.makeStream()
        let server = HTTPServer(configuration: HTTPServerConfiguration(port: 0)) { request in
            defer { sink.yield() }
            return OutgoingResponse(status: answers.answer("\(request.head.method) \(request.path)"))
        }
        try server.bind()
        port = try #require(server.port)
        self.server = server
        self.answers = answers
        self.arrivals = arrivals
        task = Task { try await server.run() }
    }

    /// What was asked so far, such as `GET /ready`.
    var requests: [String] { answers.requests }

    /// Answers so from now on.
    func answer(_ status: HTTPResponse.Status) { answers.set(status) }

    /// Returns once somebody has asked since the last call.
    func waitForRequest() async { for await _ in arrivals { return } }

    /// Refuses connections from now on.
    func stop() async throws {
        server.stopNow()
        try await task.value
    }

    /// A port at which nobody listens.
    static func closedPort() throws -> Int {
        let socket = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { socket.close() }
        return socket.address.port
    }

    private final class Answers: Sendable {
        private let state: Mutex<(status: HTTPResponse.Status, requests: [String])>

        init(_ status: HTTPResponse.Status) { state = Mutex((status, [])) }

        var requests: [String] { state.withLock { $0.requests } }

        func set(_ status: HTTPResponse.Status) { state.withLock { $0.status = status } }

        func answer(_ request: String) -> HTTPResponse.Status {
            state.withLock { state in
                state.requests.append(request)
                return state.status
            }
        }
    }
}

extension MeshSettings {
    /// Settings that ask at these ports, and at closed ones otherwise.
    init(_ mode: MeshMode, istioStatus: Int? = nil, istioAgent: Int? = nil, linkerd: Int? = nil) throws {
        self.init()
        self.mode = mode
        ports.istioStatus = try istioStatus ?? ProxyStandIn.closedPort()
        ports.istioAgent = try istioAgent ?? ProxyStandIn.closedPort()
        ports.linkerdAdmin = try linkerd ?? ProxyStandIn.closedPort()
    }
}

extension MeshPace {
    /// No test waits for seconds.
    static var quick: MeshPace {
        var pace = MeshPace()
        pace.searchInterval = .milliseconds(1)
        pace.watchInterval = .milliseconds(1)
        return pace
    }
}

import HTTPTypes
import Synchronization

/// An HTTP/1.1 server: accepts connections and serves each in a task of its own.
///
/// `bind`, then `run`, which returns when the server has been drained or stopped or its task was cancelled.
package final class HTTPServer: Sendable {
    private enum Command: Sendable {
        case drain
        case stop
    }

    /// A listener's configuration with its socket.
    struct OpenListener: Sendable {
        let configuration: HTTPListener
        let socket: ListeningSocket
    }

    struct State {
        var listeners: [OpenListener] = []
        var connections: ConnectionTable
        var refusals = 0
        var isLeaving = false
        var isDraining = false
        var hasRun = false
    }

    let services: ConnectionServices
    let state: Mutex<State>
    private let commands: AsyncStream<Command>
    private let commandSink: AsyncStream<Command>.Continuation

    /// A server that is not bound yet.
    ///
    /// - Parameters:
    ///   - handler: answers requests, each in its connection's task, which is cancelled when the client goes away.
    ///   - admitsBody: says whose bodies are read; without it everybody's.
    ///   - errorBody: renders the errors the server answers itself.
    ///   - refusal: makes the answers to what the server refuses before a handler sees it; without it only the status and
    ///     `errorBody`.
    ///   - observer: hears about connections and requests.
    package init(
        configuration: HTTPServerConfiguration,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse,
        admitsBody: BodyAdmission? = nil,
        errorBody: @escaping ErrorBody.Renderer = ErrorBody.plainText,
        refusal: Refusal.Renderer? = nil,
        observer: (any HTTPServerObserver)? = nil
    ) {
        services = ConnectionServices(
            configuration: configuration, handler: handler, admitsBody: admitsBody, errorBody: errorBody,
            refusal: refusal ?? { OutgoingResponse(error: $0.status, $0.message, errorBody) }, observer: observer,
            date: HTTPDate(), bodyMemory: BodyMemory(limitBytes: configuration.maximumBodyMemory))
        let connections = ConnectionTable(
            limit: configuration.maximumConnections, limitPerPeer: configuration.maximumConnectionsPerPeer)
        state = Mutex(State(connections: connections))
        (commands, commandSink) = AsyncStream.makeStream()
    }

    /// Where the server listens, in the order of the configuration; empty before `bind`.
    package var addresses: [SocketAddress] { state.withLock { $0.listeners.map(\.socket.address) } }

    /// The first TCP port it listens on, the system's choice where 0 was configured; nil before `bind`.
    package var port: Int? { addresses.first { $0.port > 0 }?.port }

    /// Connections open now.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

    /// How long a connection may be idle: at first what the configuration says. A connection that is idle already keeps the
    /// time it was given.
    package var idleTimeout: Duration {
        get { services.idleTimeout }
        set { services.idleTimeout = newValue }
    }

    /// Begins to listen everywhere or nowhere: the kernel accepts connections from here on.
    ///
    /// - Throws: `SocketError.cannotListen`.
    package func bind() throws(SocketError) {
        if !addresses.isEmpty { return }
        var open: [OpenListener] = []
        do throws(SocketError) {
            for listener in services.configuration.listeners {
                let socket = try ListeningSocket(listener.endpoint, backlog: listener.backlog)
                open.append(OpenListener(configuration: listener, socket: socket))
            }
        } catch {
            for listener in open { listener.socket.close() }
            throw error
        }
        state.withLock { $0.listeners = open }
    }

    /// Serves until drained, stopped or cancelled; binds first where that has not been done. A server runs once.
    package func run() async throws {
        try bind()
        let (listeners, hasRun) = state.withLock { state in
            defer { state.hasRun = true }
            return (state.listeners, state.hasRun)
        }
        precondition(!hasRun, "a server runs once")
        await SocketEvents.shared.open()
        let failure = await withTaskGroup(of: SocketError?.self) { group in
            group.addTask { await self.serve(listeners) }
            group.addTask {
                await self.awaitEnd()
                return nil
            }
            // Either the last connection has ended, or the time for it to end is over.
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let failure { throw failure }
    }

    /// Goes on as before, but every response announces the end of its connection, so that clients and proxies make their
    /// next ones elsewhere. A second call changes nothing.
    package func announceClose() {
        let connections = state.withLock { state in
            state.isLeaving = true
            return state.connections.all
        }
        for connection in connections { connection.announceClose() }
    }

    /// Stops accepting, closes connections that are idle beyond doubt, and lets running requests finish, each answered with
    /// `Connection: close`. After the drain time-out what still runs is cancelled. A second call changes nothing.
    package func beginDrain() {
        let (listeners, connections) = state.withLock { state in
            guard !state.isDraining else { return ([OpenListener](), [HTTPConnection]()) }
            state.isLeaving = true
            state.isDraining = true
            return (state.listeners, state.connections.all)
        }
        for listener in listeners { listener.socket.interrupt() }
        for connection in connections { connection.beginDrain() }
        commandSink.yield(.drain)
    }

    /// Cancels every request and ends `run` as soon as the handlers return.
    package func stopNow() {
        beginDrain()
        commandSink.yield(.stop)
    }
}

// MARK: Ending

extension HTTPServer {
    /// Returns when everything must end: told to stop, drained for too long, or cancelled.
    private func awaitEnd() async {
        var iterator = commands.makeAsyncIterator()
        guard await iterator.next() == .drain else { return }
        await withTaskGroup(of: Void.self) { group in
            let drainTimeout = services.configuration.drainTimeout
            // Cancelled by the other task, or with `run`.
            group.addTask { try? await Task.sleep(for: drainTimeout) }
            group.addTask {
                var iterator = self.commands.makeAsyncIterator()
                while let command = await iterator.next(), command != .stop { continue }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

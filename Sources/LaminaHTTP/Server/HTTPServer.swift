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
    private struct OpenListener: Sendable {
        let configuration: HTTPListener
        let socket: ListeningSocket
    }

    private struct State {
        var listeners: [OpenListener] = []
        var connections: [UInt64: HTTPConnection] = [:]
        var nextConnection: UInt64 = 0
        var refusals = 0
        var isDraining = false
        var hasRun = false
    }

    /// Connections answered with 503 at the same time; above it they are closed without an answer.
    private static let maximumRefusals = 64
    /// How long to wait where no descriptor is free.
    private static let exhaustionDelay = Duration.milliseconds(100)

    private let services: ConnectionServices
    private let state = Mutex(State())
    private let commands: AsyncStream<Command>
    private let commandSink: AsyncStream<Command>.Continuation

    /// A server that is not bound yet.
    ///
    /// - Parameters:
    ///   - handler: answers requests, each in its connection's task, which is cancelled when the client goes away.
    ///   - errorBody: renders the errors the server answers itself.
    ///   - observer: hears about connections and requests.
    package init(
        configuration: HTTPServerConfiguration,
        handler: @escaping @Sendable (IncomingRequest) async -> OutgoingResponse,
        errorBody: @escaping ErrorBody.Renderer = ErrorBody.plainText,
        observer: (any HTTPServerObserver)? = nil
    ) {
        self.services = ConnectionServices(
            configuration: configuration, handler: handler, errorBody: errorBody, observer: observer, date: HTTPDate())
        (commands, commandSink) = AsyncStream.makeStream()
    }

    /// Where the server listens, in the order of the configuration; empty before `bind`.
    package var addresses: [SocketAddress] { state.withLock { $0.listeners.map(\.socket.address) } }

    /// The first TCP port it listens on, the system's choice where 0 was configured; nil before `bind`.
    package var port: Int? { addresses.first { $0.port > 0 }?.port }

    /// Connections open now.
    package var connectionCount: Int { state.withLock { $0.connections.count } }

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
        await Readiness.openTimerDescriptors()
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

    /// Stops accepting, closes idle connections, and lets running requests finish, each answered with `Connection: close`.
    /// After the drain time-out what still runs is cancelled. A second call changes nothing.
    package func beginDrain() {
        let (listeners, connections) = state.withLock { state in
            guard !state.isDraining else { return ([OpenListener](), [HTTPConnection]()) }
            state.isDraining = true
            return (state.listeners, Array(state.connections.values))
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

// MARK: Accepting

extension HTTPServer {
    private var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Serves every listener until all have ended. Returns what made accepting impossible, which ends the others too.
    private func serve(_ listeners: [OpenListener]) async -> SocketError? {
        await withTaskGroup(of: SocketError?.self) { group in
            for listener in listeners { group.addTask { await self.serve(listener) } }
            for await failure in group where failure != nil {
                group.cancelAll()
                return failure
            }
            return nil
        }
    }

    /// Accepts until drained or cancelled, then waits for the connections. Returns what made accepting impossible.
    private func serve(_ listener: OpenListener) async -> SocketError? {
        await withDiscardingTaskGroup(returning: SocketError?.self) { group in
            defer { listener.socket.close() }
            while !isDraining {
                do throws(SocketError) {
                    switch try await listener.socket.accept() {
                    case .connection(let socket): admit(socket, from: listener.configuration, to: &group)
                    case .exhausted(let reason): await waitForDescriptors(reason)
                    case .interrupted: continue
                    }
                } catch {
                    return error == .cancelled ? nil : error
                }
            }
            return nil
        }
    }

    private func admit(_ socket: ConnectedSocket, from listener: HTTPListener, to group: inout DiscardingTaskGroup) {
        let connection = HTTPConnection(stream: socket, services: services)
        let (number, isDraining) = state.withLock { state -> (UInt64?, Bool) in
            guard state.connections.count < services.configuration.maximumConnections else { return (nil, false) }
            defer { state.nextConnection += 1 }
            state.connections[state.nextConnection] = connection
            return (state.nextConnection, state.isDraining)
        }
        guard let number else {
            refuse(socket, in: &group)
            return
        }
        // A drain that began before the connection was known would otherwise miss it.
        if isDraining { connection.beginDrain() }
        group.addTask {
            await connection.run()
            self.state.withLock { $0.connections[number] = nil }
        }
    }

    /// Answers a connection too many with 503, which needs no request.
    private func refuse(_ socket: ConnectedSocket, in group: inout DiscardingTaskGroup) {
        services.observer?.observe(.connectionRefused(remoteAddress: socket.remoteAddress))
        let isAnswered = state.withLock { state in
            guard state.refusals < Self.maximumRefusals else { return false }
            state.refusals += 1
            return true
        }
        guard isAnswered else {
            socket.close()
            return
        }
        group.addTask {
            var response = OutgoingResponse(
                error: .serviceUnavailable, "The server has too many connections; try again soon.",
                self.services.errorBody)
            response.headers[.connection] = "close"
            response.headers[.retryAfter] = "1"
            let sender = ResponseSender(stream: socket, state: ConnectionStateBox(), services: self.services)
            _ = await sender.send(response, version: .http1_1, isHead: false, path: "")
            await socket.linger(for: self.services.configuration.lingerTimeout)
            socket.close()
            self.state.withLock { $0.refusals -= 1 }
        }
    }

    private func waitForDescriptors(_ reason: String) async {
        services.observer?.observe(.acceptSuspended(reason: reason))
        // Cancellation ends the sleep, and the next `accept` notices it.
        try? await Task.sleep(for: Self.exhaustionDelay)
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

import HTTPTypes
import Synchronization

extension HTTPServer {
    /// Connections answered with 503 at the same time; above it they are closed without an answer.
    private static let maximumRefusals = 64
    /// How long to wait where no descriptor is free.
    private static let exhaustionDelay = Duration.milliseconds(100)

    private var isDraining: Bool { state.withLock { $0.isDraining } }

    /// Serves every listener until all have ended. Returns what made accepting impossible, which ends the others too.
    func serve(_ listeners: [OpenListener]) async -> SocketError? {
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
            admitPending(from: listener, to: &group)
            return nil
        }
    }

    /// Takes in, at the end, who was connected already: closing the listener would reset them.
    private func admitPending(from listener: OpenListener, to group: inout DiscardingTaskGroup) {
        for _ in 0..<listener.configuration.backlog {
            guard let socket = listener.socket.acceptNow() else { return }
            admit(socket, from: listener.configuration, to: &group)
        }
    }

    private func admit(_ socket: ConnectedSocket, from listener: HTTPListener, to group: inout DiscardingTaskGroup) {
        let stream = listener.stream(over: socket)
        let connection = HTTPConnection(stream: stream, services: services)
        let (admission, isLeaving, isDraining) = state.withLock { state in
            (state.connections.add(connection, from: socket.network), state.isLeaving, state.isDraining)
        }
        switch admission {
        case .failure(let limit): refuse(stream, limit, in: &group)
        case .success(let number):
            // A drain that began before the connection was known would otherwise miss it.
            if isLeaving { connection.announceClose() }
            if isDraining { connection.beginDrain() }
            group.addTask {
                await connection.run()
                self.state.withLock { $0.connections.remove(number) }
            }
        }
    }

    /// Answers a connection too many with 503, which needs no request.
    private func refuse(_ stream: any ByteStream, _ limit: ConnectionLimit, in group: inout DiscardingTaskGroup) {
        services.observer?.observe(.connectionRefused(limit, remoteAddress: stream.remoteAddress))
        let isAnswered = state.withLock { state in
            guard state.refusals < Self.maximumRefusals else { return false }
            state.refusals += 1
            return true
        }
        guard isAnswered else {
            stream.close()
            return
        }
        group.addTask {
            await self.answer(limit, over: stream)
            stream.close()
            self.state.withLock { $0.refusals -= 1 }
        }
    }

    private func answer(_ limit: ConnectionLimit, over stream: any ByteStream) async {
        guard await ConnectionOpening(stream: stream, services: services).run() else { return }
        var response = services.refusal(Refusal(limit, remoteAddress: stream.remoteAddress))
        response.headers[.connection] = "close"
        response.headers[.retryAfter] = "1"
        let sender = ResponseSender(stream: stream, state: ConnectionStateBox(), services: services)
        _ = await sender.send(response, version: .http1_1, isHead: false, path: "")
        await stream.linger(for: services.configuration.lingerTimeout)
    }

    private func waitForDescriptors(_ reason: String) async {
        services.observer?.observe(.acceptSuspended(reason: reason))
        // Cancellation ends the sleep, and the next `accept` notices it.
        try? await Task.sleep(for: Self.exhaustionDelay)
    }
}

// How a connection is chosen among the addresses of a host: "Happy Eyeballs" (RFC 8305). An address that answers nothing,
// often the IPv6 one of a network without IPv6, must not cost seconds, so the next is tried beside it after a short while.

/// Attempts to connect to the addresses of one host; the first that succeeds wins and ends the others.
struct ConnectionRace {
    /// How long an attempt runs alone before the next begins beside it (RFC 8305 §5).
    static let attemptDelay = Duration.milliseconds(250)

    private enum Event: Sendable {
        case connected(ConnectedSocket)
        case failed(ResolvedAddress, SocketError)
        case delayPassed(afterAttempt: Int)
    }

    private let name: String
    private let deadline: ContinuousClock.Instant
    private let delay: Duration
    private var waiting: ArraySlice<ResolvedAddress>
    private var started = 0
    private var running = 0
    private var failures: [(address: ResolvedAddress, error: SocketError)] = []

    /// - Parameters:
    ///   - addresses: in the order of preference.
    ///   - name: the host as errors and logs call it.
    init(
        _ addresses: [ResolvedAddress], name: String, until deadline: ContinuousClock.Instant,
        delay: Duration = attemptDelay
    ) {
        waiting = Self.interleaved(addresses)[...]
        self.name = name
        self.deadline = deadline
        self.delay = delay
    }

    /// The addresses with the families taking turns, beginning with the preferred one's (RFC 8305 §4).
    static func interleaved(_ addresses: [ResolvedAddress]) -> [ResolvedAddress] {
        guard let first = addresses.first else { return [] }
        let preferred = addresses.filter { $0.family == first.family }
        let others = addresses.filter { $0.family != first.family }
        var result: [ResolvedAddress] = []
        for index in 0..<max(preferred.count, others.count) {
            if index < preferred.count { result.append(preferred[index]) }
            if index < others.count { result.append(others[index]) }
        }
        return result
    }

    /// Runs the race. Throws `SocketError`: `cannotConnect`, `timedOut` or `cancelled`.
    mutating func run() async throws(SocketError) -> ConnectedSocket {
        let winner = await withTaskGroup(of: Event.self) { group in
            startNext(&group)
            while running > 0, let event = await group.next() {
                switch event {
                case .connected(let socket):
                    group.cancelAll()
                    // Another may have connected at the same moment.
                    for await case .connected(let late) in group { late.close() }
                    return socket as ConnectedSocket?
                case .failed(let address, let error):
                    running -= 1
                    failures.append((address, error))
                    startNext(&group)
                case .delayPassed(let attempt):
                    if attempt == started { startNext(&group) }
                }
            }
            group.cancelAll()
            return nil
        }
        guard let winner else { throw failure }
        return winner
    }

    private mutating func startNext(_ group: inout TaskGroup<Event>) {
        guard !Task.isCancelled, started == 0 || deadline > .now, let address = waiting.popFirst() else { return }
        started += 1
        running += 1
        group.addTask { [name, deadline] in
            do throws(SocketError) {
                return .connected(try await ConnectedSocket.connect(address, name, until: deadline))
            } catch {
                return .failed(address, error)
            }
        }
        guard !waiting.isEmpty else { return }
        group.addTask { [attempt = started, delay] in
            // Cancelled when the race is over: then nobody looks at this.
            try? await Task.sleep(for: delay)
            return .delayPassed(afterAttempt: attempt)
        }
    }

    /// What all the failures together are: the reason once where it is the same everywhere, else that of each address.
    private var failure: SocketError {
        if Task.isCancelled { return .cancelled }
        if failures.contains(where: { $0.error == .timedOut }) || failures.isEmpty { return .timedOut }
        let reasons = failures.map { failure in
            if case .cannotConnect(_, let reason) = failure.error { reason } else { failure.error.description }
        }
        guard Set(reasons).count > 1 else { return .cannotConnect(address: name, reason: reasons[0]) }
        let each = zip(failures, reasons).map { "\($0.address): \($1)" }
        return .cannotConnect(address: name, reason: each.joined(separator: ", "))
    }
}

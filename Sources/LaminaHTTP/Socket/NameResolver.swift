import Dispatch
import Synchronization

/// Looks up the addresses of hosts.
///
/// The system's resolver blocks and cannot be interrupted. It therefore runs on threads of Dispatch, on a bounded number of
/// them; whoever waits leaves when their deadline or task is over, and a look-up nobody waits for any more is not begun.
final class NameResolver: Sendable {
    typealias Answer = Result<[ResolvedAddress], SocketError>

    /// The process's own.
    static let shared = NameResolver(threadLimit: 8) { ResolvedAddress.lookUp(host: $0, port: $1) }

    private struct State {
        var running = 0
        var waiting: [Inquiry] = []
    }

    private let threadLimit: Int
    private let lookUp: @Sendable (_ host: String, _ port: Int) -> Answer
    private let state = Mutex(State())

    /// - Parameters:
    ///   - threadLimit: look-ups that run at a time; further ones wait in order.
    ///   - lookUp: may block.
    init(threadLimit: Int, lookUp: @escaping @Sendable (_ host: String, _ port: Int) -> Answer) {
        self.threadLimit = threadLimit
        self.lookUp = lookUp
    }

    /// The addresses of a host in the order of preference (RFC 6724), at least one.
    ///
    /// - Throws: `SocketError`: `cannotConnect` or `cancelled`.
    func addresses(
        host: String, port: Int, until deadline: ContinuousClock.Instant
    ) async throws(SocketError) -> [ResolvedAddress] {
        if let address = ResolvedAddress.numeric(host: host, port: port) { return [address] }
        let inquiry = Inquiry(host: host, port: port)
        begin(inquiry)
        let answer = await withTaskGroup(of: Answer?.self) { group in
            group.addTask { await inquiry.answer() }
            group.addTask {
                // Cancelled when the answer is there: then nobody looks at this.
                try? await Task.sleep(until: deadline, clock: .continuous)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
        let name = SocketAddress.text(host: host, port: port)
        guard let answer else {
            if Task.isCancelled { throw .cancelled }
            throw .cannotConnect(address: name, reason: "the name was not resolved in time; check the name server")
        }
        let addresses = try answer.get()
        guard !addresses.isEmpty else { throw .cannotConnect(address: name, reason: "the host has no address") }
        return addresses
    }

    private func begin(_ inquiry: Inquiry) {
        let mayRun = state.withLock { state in
            guard state.running < threadLimit else {
                state.waiting.removeAll(where: \.isAbandoned)
                state.waiting.append(inquiry)
                return false
            }
            state.running += 1
            return true
        }
        if mayRun { run(inquiry) }
    }

    private func run(_ first: Inquiry) {
        DispatchQueue.global().async { @Sendable in
            var next: Inquiry? = first
            while let inquiry = next {
                if !inquiry.isAbandoned { inquiry.settle(self.lookUp(inquiry.host, inquiry.port)) }
                next = self.state.withLock { state in
                    if state.waiting.isEmpty {
                        state.running -= 1
                        return nil
                    }
                    return state.waiting.removeFirst()
                }
            }
        }
    }
}

/// A question to the resolver: one task waits for the answer, until it is cancelled.
private final class Inquiry: Sendable {
    private enum State {
        case asked
        case awaited(CheckedContinuation<NameResolver.Answer?, Never>)
        case settled(NameResolver.Answer?)
    }

    let host: String
    let port: Int
    private let state = Mutex(State.asked)

    init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Whether nobody waits for the answer any more.
    var isAbandoned: Bool {
        state.withLock { if case .settled = $0 { true } else { false } }
    }

    /// The answer, or nil where the task was cancelled first.
    func answer() async -> NameResolver.Answer? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: NameResolver.Answer?? = state.withLock { state in
                    if case .settled(let answer) = state { return .some(answer) }
                    state = .awaited(continuation)
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            settle(nil)
        }
    }

    /// Ends the wait; what comes later is ignored.
    func settle(_ answer: NameResolver.Answer?) {
        let waiter: CheckedContinuation<NameResolver.Answer?, Never>? = state.withLock { state in
            defer { if case .settled = state {} else { state = .settled(answer) } }
            if case .awaited(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: answer)
    }
}

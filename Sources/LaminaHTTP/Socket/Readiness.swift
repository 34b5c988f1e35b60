// The pattern for every socket call is: try it; on EAGAIN wait here; try again. A wait ends by readiness, by a deadline, by
// cancellation of the waiting task, by `interrupt` or by `close`, whichever comes first.
//
// A socket enters the epoll set at its first wait, not before: one that is never waited for costs nothing, and one that is
// about to connect is not reported as ready before it has begun to.

import Synchronization

/// Waits until a descriptor can be read or written, and closes it in the end.
final class Readiness: Sendable {
    enum Direction: Sendable {
        case read
        case write
    }

    enum Outcome: Sendable {
        /// Try the call again. May be spurious.
        case ready
        case deadlinePassed
        case cancelled
        /// `interrupt` was called.
        case interrupted
        case closed
    }

    /// What the kernel said; the end of the stream can be read, a failure read and written.
    struct Event {
        let canRead: Bool
        let canWrite: Bool
    }

    private struct Lane {
        /// An event came that no wait has taken.
        var isReady = false
        var isInterrupted = false
        var waiter: CheckedContinuation<Outcome, Never>?
        var deadline: ContinuousClock.Instant?

        mutating func takeWaiter() -> CheckedContinuation<Outcome, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private struct State {
        var read = Lane()
        var write = Lane()
        /// The earliest time at which `deadlinePassed` is called. It is moved only when a wait ends earlier: a connection that
        /// waits for its next request thousands of times a second sets its idle time-out once per idle time-out.
        var firesAt: ContinuousClock.Instant?
        /// Told of events that no task waits for.
        var reader: (@Sendable () -> Void)?
        var isWatched = false
        var isClosed = false

        subscript(direction: Direction) -> Lane {
            _read {
                switch direction {
                case .read: yield read
                case .write: yield write
                }
            }
            _modify {
                switch direction {
                case .read: yield &read
                case .write: yield &write
                }
            }
        }
    }

    let descriptor: Int32
    private let state = Mutex(State())

    /// Takes ownership of a non-blocking descriptor; `close` must be called in the end.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Waits for readiness. At most one task waits per direction.
    func wait(for direction: Direction, until deadline: ContinuousClock.Instant? = nil) async -> Outcome {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let outcome = enlist(continuation, direction, deadline) {
                    continuation.resume(returning: outcome)
                } else if Task.isCancelled {
                    // The handler below may have run before there was anybody to wake.
                    wake(direction, .cancelled)
                }
            }
        } onCancel: {
            wake(direction, .cancelled)
        }
    }

    /// Ends the current wait of a direction, or if there is none the next one.
    func interrupt(_ direction: Direction) {
        let waiter = state.withLock { state in
            let waiter = state[direction].takeWaiter()
            if waiter == nil { state[direction].isInterrupted = true }
            return waiter
        }
        waiter?.resume(returning: .interrupted)
    }

    /// Has `action` called on the queue of events, or at once, when there may be something to read and no task waits for
    /// it; nil ends that, though a call may still be under way.
    func onReadable(_ action: (@Sendable () -> Void)?) {
        let callsNow = state.withLock { state in
            guard !state.isClosed else { return false }
            state.reader = action
            guard action != nil, watch(&state) else { return false }
            defer { state.read.isReady = false }
            return state.read.isReady
        }
        if callsNow { action?() }
    }

    /// Ends every wait and closes the descriptor. Call it only when no other task can be inside a call on the descriptor.
    func close() {
        let waiters: [CheckedContinuation<Outcome, Never>]? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            state.reader = nil
            return [Direction.read, .write].compactMap { state[$0].takeWaiter() }
        }
        guard let waiters else { return }
        SocketEvents.shared.close(self)
        for waiter in waiters { waiter.resume(returning: .closed) }
    }
}

// MARK: Waiting

extension Readiness {
    /// Registers a waiter, or tells why there is nothing to wait for.
    private func enlist(
        _ waiter: CheckedContinuation<Outcome, Never>, _ direction: Direction, _ deadline: ContinuousClock.Instant?
    ) -> Outcome? {
        state.withLock { state in
            if state.isClosed { return .closed }
            if state[direction].isInterrupted {
                state[direction].isInterrupted = false
                return .interrupted
            }
            if state[direction].isReady {
                state[direction].isReady = false
                return .ready
            }
            precondition(state[direction].waiter == nil, "two tasks wait for the same direction of a socket")
            guard watch(&state) else { return .closed }
            state[direction].waiter = waiter
            state[direction].deadline = deadline
            if let deadline { requireCall(by: deadline, &state) }
            return nil
        }
    }

    /// Has the kernel report events from now on. Returns false where it refuses.
    private func watch(_ state: inout State) -> Bool {
        if !state.isWatched { state.isWatched = SocketEvents.shared.add(self) }
        return state.isWatched
    }

    private func requireCall(by deadline: ContinuousClock.Instant, _ state: inout State) {
        if let firesAt = state.firesAt, firesAt <= deadline { return }
        state.firesAt = deadline
        SocketEvents.shared.setDeadline(descriptor, deadline)
    }

    private func wake(_ direction: Direction, _ outcome: Outcome) {
        state.withLock { $0[direction].takeWaiter() }?.resume(returning: outcome)
    }

    /// The kernel reported an event; called on the queue of events.
    func becameReady(_ event: Event) {
        let (readWaiter, reader, writeWaiter) = state.withLock { state in
            let readWaiter = event.canRead ? Self.notify(&state.read) : nil
            let reader = event.canRead && readWaiter == nil ? state.reader : nil
            return (readWaiter, reader, event.canWrite ? Self.notify(&state.write) : nil)
        }
        readWaiter?.resume(returning: .ready)
        writeWaiter?.resume(returning: .ready)
        reader?()
    }

    private static func notify(_ lane: inout Lane) -> CheckedContinuation<Outcome, Never>? {
        let waiter = lane.takeWaiter()
        lane.isReady = waiter == nil
        return waiter
    }

    /// The time set by `requireCall` has come; called on the queue of events.
    func deadlinePassed(at now: ContinuousClock.Instant) {
        let waiters = state.withLock { state in
            state.firesAt = nil
            guard !state.isClosed else { return [CheckedContinuation<Outcome, Never>]() }
            var waiters: [CheckedContinuation<Outcome, Never>] = []
            for direction in [Direction.read, .write] {
                guard state[direction].waiter != nil, let deadline = state[direction].deadline else { continue }
                if deadline > now {
                    requireCall(by: deadline, &state)
                } else if let waiter = state[direction].takeWaiter() {
                    waiters.append(waiter)
                }
            }
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: .deadlinePassed) }
    }
}

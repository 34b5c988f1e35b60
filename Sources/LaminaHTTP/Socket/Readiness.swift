// Readiness: the only file that knows Dispatch sources.
//
// The pattern for every socket call is: try it; on EAGAIN wait here; try again. A wait ends by readiness, by a deadline, by
// cancellation of the waiting task, by `interrupt` or by `close`, whichever comes first.
//
// A source is suspended whenever nobody waits, or a readable socket nobody reads would fire without end. A suspended source
// must be resumed before it is released and delivers no cancellation, so `close` resumes what it cancels. The descriptor is
// closed in the cancellation handler of the last source: before that the kernel's event queue still knows its number.
//
// Time-outs share one timer per descriptor, moved only when a wait ends earlier than the timer would fire. A connection
// waiting for its next request thousands of times a second therefore sets its idle timer once per idle time-out.

import Dispatch
import Glibc
import Synchronization

/// Waits until a descriptor can be read or written, and closes it when nothing watches it any more.
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

    private struct Lane {
        var source: (any DispatchSourceProtocol)?
        var isSuspended = true
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
        var timer: (any DispatchSourceTimer)?
        var timerFiresAt: ContinuousClock.Instant?
        var openSources = 0
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

    /// Handlers only hand continuations over to the task pool, so one serial queue serves every socket. Its quality of
    /// service gives it a thread pool apart from the tasks', which busy tasks cannot exhaust.
    private static let queue = DispatchQueue(label: "lamina.http.readiness", qos: .userInteractive)

    private let descriptor: Int32
    private let state = Mutex(State())

    /// Takes ownership of a non-blocking descriptor; `close` must be called in the end.
    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Opens the descriptors Dispatch itself needs for timers, one for each of the two clocks in use. It opens them at the
    /// first timer and traps where none is free, so a server calls this before it lets clients use descriptors up.
    static func openTimerDescriptors() async {
        await withCheckedContinuation { continuation in
            queue.asyncAfter(deadline: .now() + .milliseconds(1)) { @Sendable in continuation.resume() }
        }
        // The sleep of tasks counts by the other clock. Where the task is cancelled nobody will sleep either.
        try? await Task.sleep(for: .milliseconds(1))
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

    /// Ends every wait and closes the descriptor, some time after this call where sources watch it. Call it only when no
    /// other task can be inside a call on the descriptor.
    func close() {
        let (waiters, closesNow) = state.withLock { state in
            guard !state.isClosed else { return ([CheckedContinuation<Outcome, Never>](), false) }
            state.isClosed = true
            state.timer?.cancel()
            state.timer = nil
            let waiters = [Direction.read, .write].compactMap { state[$0].takeWaiter() }
            for direction in [Direction.read, .write] {
                guard let source = state[direction].source else { continue }
                source.cancel()
                if state[direction].isSuspended { source.resume() }
                state[direction].source = nil
            }
            return (waiters, state.openSources == 0)
        }
        if closesNow { _ = Glibc.close(descriptor) }
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
            precondition(state[direction].waiter == nil, "two tasks wait for the same direction of a socket")
            state[direction].waiter = waiter
            state[direction].deadline = deadline
            if let deadline { setTimer(for: deadline, &state) }
            let source = state[direction].source ?? makeSource(direction, &state)
            if state[direction].isSuspended {
                state[direction].isSuspended = false
                source.resume()
            }
            return nil
        }
    }

    private func wake(_ direction: Direction, _ outcome: Outcome) {
        state.withLock { $0[direction].takeWaiter() }?.resume(returning: outcome)
    }

    private func becameReady(_ direction: Direction) {
        let waiter = state.withLock { state in
            if let source = state[direction].source, !state[direction].isSuspended {
                source.suspend()
                state[direction].isSuspended = true
            }
            return state[direction].takeWaiter()
        }
        waiter?.resume(returning: .ready)
    }
}

// MARK: Sources and timer

extension Readiness {
    private func makeSource(_ direction: Direction, _ state: inout State) -> any DispatchSourceProtocol {
        let source: any DispatchSourceProtocol =
            switch direction {
            case .read: DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: Self.queue)
            case .write: DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: Self.queue)
            }
        // Marked @Sendable: they would otherwise inherit the isolation of whoever waits first, and trap on the queue.
        source.setEventHandler { @Sendable in self.becameReady(direction) }
        source.setCancelHandler { @Sendable in self.sourceEnded() }
        state[direction].source = source
        state.openSources += 1
        return source
    }

    private func sourceEnded() {
        let closesNow = state.withLock { state in
            state.openSources -= 1
            return state.openSources == 0
        }
        if closesNow { _ = Glibc.close(descriptor) }
    }

    private func setTimer(for deadline: ContinuousClock.Instant, _ state: inout State) {
        if let firesAt = state.timerFiresAt, firesAt <= deadline { return }
        state.timerFiresAt = deadline
        let timer: any DispatchSourceTimer
        if let existing = state.timer {
            timer = existing
        } else {
            timer = DispatchSource.makeTimerSource(queue: Self.queue)
            timer.setEventHandler { @Sendable in self.timerFired() }
            state.timer = timer
            timer.activate()
        }
        let remaining = ContinuousClock.now.duration(to: deadline)
        // At least a millisecond: a timer that fires early would otherwise be set again and again. At most a year: a
        // longer time-out is set again when that has passed.
        let nanoseconds = Int(min(max(remaining / .nanoseconds(1), 1e6), 3e16))
        timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .milliseconds(1))
    }

    private func timerFired() {
        let now = ContinuousClock.now
        let waiters = state.withLock { state in
            state.timerFiresAt = nil
            guard !state.isClosed else { return [CheckedContinuation<Outcome, Never>]() }
            var waiters: [CheckedContinuation<Outcome, Never>] = []
            for direction in [Direction.read, .write] {
                guard state[direction].waiter != nil, let deadline = state[direction].deadline else { continue }
                if deadline > now {
                    setTimer(for: deadline, &state)
                } else if let waiter = state[direction].takeWaiter() {
                    waiters.append(waiter)
                }
            }
            return waiters
        }
        for waiter in waiters { waiter.resume(returning: .deadlinePassed) }
    }
}

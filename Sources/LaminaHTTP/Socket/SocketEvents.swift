// Which sockets have become ready, from the kernel to those who wait: one epoll set for all of them, watched by one Dispatch
// source.
//
// A Dispatch source for each socket would have to be suspended and resumed for each wait, with a system call each time, and
// costs a connection kilobytes. Here a socket is put into the set once, edge-triggered, and stays there until it is closed.
//
// Edge-triggered means: an event comes when a socket becomes ready, not while it is. Whoever waits must have tried the call
// and met EAGAIN after the last event; Readiness remembers an event that came while nobody waited.

import CEpoll
import Dispatch
import Glibc
import Synchronization

/// The epoll set of the process, and the deadlines of those who wait on it.
final class SocketEvents: Sendable {
    /// The one set: it lives as long as the process.
    static let shared = SocketEvents()

    private struct State {
        /// By descriptor; nil where none is watched.
        var watched: [Readiness?] = []
        var deadlines = DeadlineHeap()
        /// When the timer fires next.
        var timerFiresAt: ContinuousClock.Instant?
    }

    /// Events taken from the kernel at once.
    private static let batch = 256
    /// How long the queue itself waits for more events after some. Under load they come sooner, which saves the way back
    /// through the thread on which Dispatch watches the set.
    private static let lingerMilliseconds: Int32 = 2

    /// Handlers only hand continuations over to the task pool, so one serial queue serves every socket. Its quality of
    /// service gives it a thread pool apart from the tasks', which busy tasks cannot exhaust.
    private let queue = DispatchQueue(label: "lamina.http.events", qos: .userInteractive)
    /// Deadlines are due also while events never cease.
    private let timerQueue = DispatchQueue(label: "lamina.http.deadlines", qos: .userInteractive)
    private let set: Int32
    // nonisolated(unsafe): Dispatch's objects may be used from any thread.
    nonisolated(unsafe) private let source: any DispatchSourceRead
    nonisolated(unsafe) private let timer: any DispatchSourceTimer
    private let state = Mutex(State())

    private init() {
        set = lamina_epoll_create()
        precondition(set >= 0, "no descriptor is free for the set of sockets: \(SocketError.reason(errno))")
        source = DispatchSource.makeReadSource(fileDescriptor: set, queue: queue)
        timer = DispatchSource.makeTimerSource(queue: timerQueue)
        source.setEventHandler { @Sendable in self.takeEvents() }
        timer.setEventHandler { @Sendable in self.timerFired() }
        source.activate()
        timer.activate()
    }

    /// Opens the descriptors that Dispatch itself needs, for this set and for timers of the two clocks in use. It opens them
    /// when they are first used and traps where none is free, so a server calls this before clients can use them up.
    func open() async {
        await withCheckedContinuation { continuation in
            timerQueue.asyncAfter(deadline: .now() + .milliseconds(1)) { @Sendable in continuation.resume() }
        }
        // The sleep of tasks counts by the other clock. Where the task is cancelled nobody will sleep either.
        try? await Task.sleep(for: .milliseconds(1))
    }

    /// Puts a socket into the set. Returns false where the kernel refuses, for want of memory or by its limit of watches.
    func add(_ readiness: Readiness) -> Bool {
        let descriptor = readiness.descriptor
        state.withLock { state in
            let missing = Int(descriptor) + 1 - state.watched.count
            if missing > 0 { state.watched.append(contentsOf: repeatElement(nil, count: missing)) }
            state.watched[Int(descriptor)] = readiness
        }
        if lamina_epoll_add(set, descriptor) == 0 { return true }
        forget(descriptor)
        return false
    }

    /// Takes a socket out and closes its descriptor.
    func close(_ readiness: Readiness) {
        forget(readiness.descriptor)
        // The kernel takes a descriptor out of the set when it is closed.
        _ = Glibc.close(readiness.descriptor)
    }

    private func forget(_ descriptor: Int32) {
        state.withLock { state in
            guard Int(descriptor) < state.watched.count else { return }
            state.watched[Int(descriptor)] = nil
            state.deadlines.remove(descriptor)
        }
    }

    /// Has `deadlinePassed` called on the watched socket of a descriptor then, in place of an earlier wish.
    func setDeadline(_ descriptor: Int32, _ deadline: ContinuousClock.Instant) {
        state.withLock { state in
            state.deadlines.set(descriptor, to: deadline)
            setTimer(&state)
        }
    }
}

// MARK: Handlers

extension SocketEvents {
    private func takeEvents() {
        withUnsafeTemporaryAllocation(of: epoll_event.self, capacity: Self.batch) { buffer in
            var patience: Int32 = 0
            while true {
                let count = Int(epoll_wait(set, buffer.baseAddress, Int32(Self.batch), patience))
                guard count > 0 else { return }
                let events = buffer[..<count]
                // Whoever closes a socket meanwhile is woken for nothing: readiness may be spurious.
                let ready = state.withLock { state in events.map { state.watched[Int($0.data.fd)] } }
                for (event, readiness) in zip(events, ready) { readiness?.becameReady(Self.meaning(of: event.events)) }
                patience = Self.lingerMilliseconds
            }
        }
    }

    private static func meaning(of bits: UInt32) -> Readiness.Event {
        Readiness.Event(
            canRead: bits & lamina_epoll_readable != 0, canWrite: bits & lamina_epoll_writable != 0)
    }

    private func timerFired() {
        let now = ContinuousClock.now
        let due = state.withLock { state in
            state.timerFiresAt = nil
            let due = state.deadlines.removeDue(at: now).compactMap { state.watched[Int($0)] }
            setTimer(&state)
            return due
        }
        for readiness in due { readiness.deadlinePassed(at: now) }
    }

    /// Moves the timer to the first deadline, if it would fire later.
    private func setTimer(_ state: inout State) {
        guard let first = state.deadlines.first else { return }
        if let firesAt = state.timerFiresAt, firesAt <= first { return }
        state.timerFiresAt = first
        // At least a millisecond: a timer that fires early would otherwise be set again and again. At most a year: a
        // longer time-out is set again when that has passed.
        let nanoseconds = Int(min(max(ContinuousClock.now.duration(to: first) / .nanoseconds(1), 1e6), 3e16))
        timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .milliseconds(1))
    }
}

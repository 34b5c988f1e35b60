import Dispatch
import LaminaModel
import Synchronization

/// The way into the engine's thread: requests and cancellations from any task, collected between two steps.
final class Mailbox: Sendable {
    /// A request that was taken, on its way to the scheduler.
    struct Submission: Sendable {
        let state: SequenceState
        let sampler: Sampler
        let events: AsyncStream<TokenEvent>.Continuation
        let submittedAt: ContinuousClock.Instant
    }

    /// What has come in since the last collection.
    struct Mail {
        var submissions: [Submission] = []
        /// Sequences no longer wanted, and why.
        var endings: [(id: SequenceID, reason: FinishReason)] = []
        var isStopping = false
    }

    private struct State {
        var mail = Mail()
        var nextNumber: UInt64 = 0
        /// Sequences taken and not yet ended.
        var liveCount = 0
        var hasStopped = false
        /// Whether the semaphore is up: one signal is enough until an idle collection takes it.
        var isSignalled = false
        var onStopped: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    /// Numbers a request and leaves it for the engine's thread.
    /// - Parameter limit: sequences that may be live at once.
    func submit(limit: Int, _ make: (SequenceID) -> Submission) throws(EngineRefusal) -> SequenceID {
        let result = state.withLock { state -> Result<SequenceID, EngineRefusal> in
            guard !state.mail.isStopping, !state.hasStopped else { return .failure(.stopping) }
            guard state.liveCount < limit else { return .failure(.queueFull(limit: limit)) }
            let id = SequenceID(number: state.nextNumber)
            state.nextNumber += 1
            state.liveCount += 1
            state.mail.submissions.append(make(id))
            return .success(id)
        }
        let id = try result.get()
        wake()
        return id
    }

    /// Leaves word that a sequence is no longer wanted.
    func end(_ id: SequenceID, _ reason: FinishReason) {
        state.withLock { $0.mail.endings.append((id, reason)) }
        wake()
    }

    /// Asks the engine's thread to end; `onStopped` runs when it has.
    func stop(_ onStopped: @escaping @Sendable () -> Void) {
        let hasStopped = state.withLock { state in
            if !state.hasStopped {
                state.mail.isStopping = true
                state.onStopped.append(onStopped)
            }
            return state.hasStopped
        }
        if hasStopped { onStopped() } else { wake() }
    }

    /// What has come in. Where `isIdle`, waits until something does.
    func collect(isIdle: Bool) -> Mail {
        if isIdle { arrival.wait() }
        return state.withLock { state in
            if isIdle { state.isSignalled = false }
            defer { state.mail = Mail(isStopping: state.mail.isStopping) }
            return state.mail
        }
    }

    /// Makes room for `count` further requests.
    func ended(_ count: Int) { state.withLock { $0.liveCount -= count } }

    /// The engine's thread ends; nothing has come in since `isStopping` was collected, as `submit` refuses from then on.
    func stopped() {
        let callbacks = state.withLock { state in
            state.hasStopped = true
            defer { state.onStopped = [] }
            return state.onStopped
        }
        for callback in callbacks { callback() }
    }

    private func wake() {
        let isFirst = state.withLock { state in
            defer { state.isSignalled = true }
            return !state.isSignalled
        }
        if isFirst { arrival.signal() }
    }
}

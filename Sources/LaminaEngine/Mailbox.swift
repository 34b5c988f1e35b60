import Dispatch
import LaminaModel
import Synchronization

/// The way into the engine's thread: requests and cancellations from any task, collected between two steps.
final class Mailbox: Sendable {
    /// A request that was taken, on its way to the scheduler.
    struct Submission: Sendable {
        let state: SequenceState
        let deadline: ContinuousClock.Instant?
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

    fileprivate struct State {
        var mail = Mail()
        var nextNumber: UInt64 = 0
        /// Sequences taken and not yet ended.
        var liveCount = 0
        /// Those of them that have not been let in yet.
        var waitingCount = 0
        /// The same by named tenant, without those that have none.
        var waitingByTenant: [Tenant: Int] = [:]
        var hasStopped = false
        /// Whether the semaphore is up: one signal is enough until an idle collection takes it.
        var isSignalled = false
        var onStopped: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let arrival = DispatchSemaphore(value: 0)

    /// Numbers a request and leaves it for the engine's thread.
    func submit(
        _ tenant: Tenant, limits: EngineLimits, _ make: (SequenceID) -> Submission
    ) throws(EngineRefusal) -> SequenceID {
        let result = state.withLock { state -> Result<SequenceID, EngineRefusal> in
            if let refusal = state.refusal(tenant, limits) { return .failure(refusal) }
            let id = SequenceID(number: state.nextNumber)
            state.nextNumber += 1
            state.liveCount += 1
            state.wait(tenant, 1)
            state.mail.submissions.append(make(id))
            return .success(id)
        }
        let id = try result.get()
        wake()
        return id
    }

    /// Leaves word that a sequence is no longer wanted.
    func end(_ id: SequenceID, _ reason: FinishReason) {
        let isCollected = state.withLock { state in
            if !state.hasStopped { state.mail.endings.append((id, reason)) }
            return !state.hasStopped
        }
        if isCollected { wake() }
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

    /// A request of that tenant has been let in: another may wait in its place.
    func admitted(_ tenant: Tenant) { state.withLock { $0.wait(tenant, -1) } }

    /// A request has ended, maybe without having been let in.
    func ended(_ tenant: Tenant, wasAdmitted: Bool) {
        state.withLock { state in
            state.liveCount -= 1
            if !wasAdmitted { state.wait(tenant, -1) }
        }
    }

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

extension Mailbox.State {
    /// Why a request cannot be taken now.
    fileprivate func refusal(_ tenant: Tenant, _ limits: EngineLimits) -> EngineRefusal? {
        guard !mail.isStopping, !hasStopped else { return .stopping }
        let limit = limits.maximumSequences + limits.maximumWaiting
        guard liveCount < limit else { return .queueFull(limit: limit) }
        // Places that are free are not waited for, although those who take them count as waiting until the next step.
        let places = max(0, limits.maximumSequences - (liveCount - waitingCount))
        let allowed = limits.maximumWaitingPerTenant
        guard waitingByTenant[tenant, default: 0] < allowed + places else { return .tenantQueueFull(limit: allowed) }
        return nil
    }

    /// Counts requests that begin or cease to wait.
    fileprivate mutating func wait(_ tenant: Tenant, _ change: Int) {
        waitingCount += change
        guard tenant != .common else { return }
        let count = waitingByTenant[tenant, default: 0] + change
        waitingByTenant[tenant] = count == 0 ? nil : count
    }
}

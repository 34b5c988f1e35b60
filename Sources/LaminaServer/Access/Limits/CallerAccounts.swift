import Synchronization

/// Counts what every caller uses, and says who has to wait.
final class CallerAccounts: Sendable {
    /// What is known of one caller.
    private struct Usage {
        var requests: RateBucket?
        var tokens: RateBucket?
        var running = 0

        init(_ limits: CallerLimits, at now: ContinuousClock.Instant) {
            requests = limits.requestsPerMinute.map { RateBucket(perMinute: $0, at: now) }
            tokens = limits.tokensPerMinute.map { RateBucket(perMinute: $0, at: now) }
        }

        /// Whether a caller that nothing is known of would be in the same state.
        func isFresh(at now: ContinuousClock.Instant) -> Bool {
            running == 0
                && [requests, tokens].allSatisfy { $0.map { $0.level(at: now) >= Double($0.perMinute) } ?? true }
        }
    }

    private struct State {
        var usage: [String: Usage] = [:]
        var nextSweep: ContinuousClock.Instant?
    }

    let metrics: CallerMetrics
    private let limits: CallerLimits
    private let trackedCallers: Int
    private let clock: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    /// What callers share that there is no place for.
    private static let overflowName = "other"
    /// No sooner are all callers looked at again for those that can be forgotten.
    private static let sweepInterval = Duration.seconds(1)

    /// - Parameter clock: tells the time; a test's own.
    init(
        limits: CallerLimits, metrics: CallerMetrics, trackedCallers: Int = CallerLimits.trackedCallers,
        clock: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.limits = limits
        self.metrics = metrics
        self.trackedCallers = trackedCallers
        self.clock = clock
    }

    /// Callers remembered.
    var count: Int { state.withLock { $0.usage.count } }

    /// Lets a request in, and counts it until its visit ends.
    /// - Throws: `CallerRefusal` where the caller is over a limit.
    func admit(_ caller: CallerAccount) throws(CallerRefusal) -> CallerVisit {
        var name: String?
        if !limits.isEmpty {
            do throws(CallerRefusal) {
                name = try enter(caller.description)
            } catch {
                metrics.limited(error.limit)
                throw error
            }
        }
        metrics.letIn(caller)
        return CallerVisit(caller: caller, name: name, accounts: self)
    }

    /// Takes tokens off what a caller may still use.
    func charge(_ tokens: Int, to name: String) {
        let now = clock()
        state.withLock { $0.usage[name]?.tokens?.take(tokens, at: now) }
    }

    /// A request is over.
    func leave(_ name: String) {
        state.withLock { $0.usage[name]?.running -= 1 }
    }

    /// How a caller stands.
    func standing(of name: String) -> CallerStanding {
        let now = clock()
        let usage = state.withLock { $0.usage[name] }
        return CallerStanding(
            requests: usage?.requests.map { .init($0, at: now) }, tokens: usage?.tokens.map { .init($0, at: now) })
    }

    /// Returns the name the caller is remembered under.
    private func enter(_ description: String) throws(CallerRefusal) -> String {
        let now = clock()
        return try state.withLock { (state) throws(CallerRefusal) in
            let name = place(for: description, in: &state, at: now)
            var usage = state.usage[name] ?? Usage(limits, at: now)
            if let refusal = refusal(usage, at: now) { throw refusal }
            usage.requests?.take(1, at: now)
            usage.running += 1
            state.usage[name] = usage
            return name
        }
    }

    private func refusal(_ usage: Usage, at now: ContinuousClock.Instant) -> CallerRefusal? {
        func refusal(_ limit: CallerLimits.Kind, _ allowed: Int, _ delay: Duration) -> CallerRefusal {
            CallerRefusal(
                limit: limit, allowed: allowed, retryAfter: delay,
                standing: CallerStanding(
                    requests: usage.requests.map { .init($0, at: now) }, tokens: usage.tokens.map { .init($0, at: now) }
                ))
        }
        if let limit = limits.concurrentRequests, usage.running >= limit {
            return refusal(.concurrency, limit, .seconds(1))
        }
        for (kind, bucket) in [(CallerLimits.Kind.requests, usage.requests), (.tokens, usage.tokens)] {
            if let bucket, bucket.level(at: now) < 1 {
                return refusal(kind, bucket.perMinute, bucket.delay(until: 1, at: now))
            }
        }
        return nil
    }

    /// The caller's own name, or that of all for whom there is no place.
    private func place(for name: String, in state: inout State, at now: ContinuousClock.Instant) -> String {
        if state.usage[name] != nil || state.usage.count < trackedCallers { return name }
        if state.nextSweep.map({ now >= $0 }) ?? true {
            state.nextSweep = now + Self.sweepInterval
            state.usage = state.usage.filter { !$0.value.isFresh(at: now) }
        }
        return state.usage.count < trackedCallers ? name : Self.overflowName
    }
}

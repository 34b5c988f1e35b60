import LaminaEngine
import LaminaHTTP
import Synchronization

/// Sends the conversations of a workload to a server and keeps what each request took.
struct LoadTest: Sendable {
    /// When conversations begin.
    enum Arrivals: Sendable, Equatable {
        /// So many at any time: one ends, the next begins.
        case closedLoop(concurrency: Int)
        /// At times of their own, whether or not the server keeps up: this many a second, as a Poisson process.
        case poisson(rate: Double)
    }

    /// What ends the test.
    struct Extent: Sendable, Equatable {
        /// Conversations; nil for as many as there is time.
        var conversations: Int?
        /// After this time none begins; those that run are awaited.
        var duration: Duration?
    }

    let target: LoadTarget
    let workload: Workload
    let arrivals: Arrivals
    let extent: Extent
    let log: LoadLog

    /// Sends `requests` requests that are not counted.
    ///
    /// - Throws: `LoadTargetError.warmUpFailed`.
    func warmUp(requests: Int) async throws(LoadTargetError) {
        for number in 0..<requests {
            var conversation = workload.conversation(Workload.firstWarmUp + number)
            guard let turn = conversation.next(after: nil) else { continue }
            if let failure = await target.run(turn).failure { throw .warmUpFailed(target.origin, failure) }
        }
    }

    /// Runs until the extent is reached or the task is cancelled; what came by then is in the log.
    func run() async {
        let startedAt = ContinuousClock.now
        log.begin(at: startedAt)
        let numbers = Numbers(extent, startedAt: startedAt)
        await withDiscardingTaskGroup { group in
            switch arrivals {
            case .closedLoop(let concurrency):
                for _ in 0..<concurrency {
                    group.addTask {
                        while let number = numbers.next() { await run(conversation: number, until: numbers.end) }
                    }
                }
            case .poisson(let rate):
                var process = ArrivalProcess(rate: rate, seed: workload.seed)
                while let number = numbers.next() {
                    let arrival = process.next()
                    if let duration = extent.duration, arrival >= duration { return }
                    // Cancellation ends the sleep, and then the loop.
                    try? await Task.sleep(until: startedAt + arrival, clock: .continuous)
                    group.addTask { await run(conversation: number, until: numbers.end) }
                }
            }
        }
    }

    /// One user: each request waits for the answer before it. A failed request ends the conversation, and so does the end of time.
    private func run(conversation number: Int, until end: ContinuousClock.Instant?) async {
        var conversation = workload.conversation(number)
        var answer: String?
        while !Task.isCancelled, end.map({ .now < $0 }) ?? true, let turn = conversation.next(after: answer) {
            log.requestBegan()
            let sample = await target.run(turn)
            let isLost = sample.failure != nil && sample.failure != .http(.cancelled)
            log.requestEnded(sample, turnsLost: isLost ? conversation.turnsLeft : 0)
            guard sample.failure == nil else { return }
            answer = sample.text
        }
    }

    /// Hands out the numbers of conversations as long as some may begin.
    private final class Numbers: Sendable {
        private let extent: Extent
        /// No request begins after it.
        let end: ContinuousClock.Instant?
        private let given = Mutex(0)

        init(_ extent: Extent, startedAt: ContinuousClock.Instant) {
            self.extent = extent
            end = extent.duration.map { startedAt + $0 }
        }

        func next() -> Int? {
            if Task.isCancelled { return nil }
            if let end, .now >= end { return nil }
            return given.withLock { given in
                if let most = extent.conversations, given >= most { return nil }
                defer { given += 1 }
                return given
            }
        }
    }
}

/// What has come of a test's requests so far.
final class LoadLog: Sendable {
    /// A moment's view.
    struct State: Sendable {
        var startedAt: ContinuousClock.Instant?
        var lastEndedAt: ContinuousClock.Instant?
        var samples: [RequestSample] = []
        /// Requests that wait for their answer.
        var running = 0
        /// Turns that were not sent because one before them failed.
        var turnsLost = 0
    }

    private let state = Mutex(State())

    /// What there is now.
    var current: State { state.withLock { $0 } }

    func begin(at instant: ContinuousClock.Instant) { state.withLock { $0.startedAt = instant } }

    func requestBegan() { state.withLock { $0.running += 1 } }

    func requestEnded(_ sample: RequestSample, turnsLost: Int) {
        var sample = sample
        // The text has served its purpose; thousands of answers need not be kept.
        sample.text = ""
        state.withLock { state in
            state.running -= 1
            state.turnsLost += turnsLost
            state.lastEndedAt = .now
            state.samples.append(sample)
        }
    }
}

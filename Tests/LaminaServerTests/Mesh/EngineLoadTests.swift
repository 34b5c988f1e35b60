import LaminaEngine
import Testing

@testable import LaminaServer

struct EngineLoadTests {
    private static let start = ContinuousClock.now

    /// A step of an engine with 16 places and steps of 250 ms.
    private static func step(
        _ duration: Duration = .milliseconds(250), tokens: Int = 10, running: Int = 1, waiting: Int = 0,
        usedBlocks: Int = 0, ended: Int = 0
    ) -> StepReport {
        var report = StepReport()
        report.stepDuration = duration
        report.stepTarget = .milliseconds(250)
        report.computedTokens = tokens
        report.runningSequences = running
        report.waitingSequences = waiting
        report.maximumSequences = 16
        report.blockCount = 100
        report.freeBlocks = 100 - usedBlocks
        if ended > 0 { report.finished = [.stop: ended] }
        return report
    }

    /// The load after steps one after the other, each followed by a rest.
    private static func load(
        _ report: StepReport, times: Int, rest: Duration = .zero
    ) -> (load: EngineLoad, now: ContinuousClock.Instant) {
        var load = EngineLoad()
        var now = start
        for _ in 0..<times {
            now += report.stepDuration
            load.observe(report, at: now)
            now += rest
        }
        return (load, now)
    }

    private static func isNear(_ value: Double, _ expected: Double, within tolerance: Double = 0.02) -> Bool {
        abs(value - expected) <= tolerance * max(1, expected)
    }

    @Test func `Knows nothing before the first step`() {
        let load = EngineLoad()
        #expect(load.compute(at: Self.start) == 0 && load.demand == 0 && load.tokensPerSecond == nil)
    }

    @Test(arguments: [
        // Step, rest: share of the time a step may take, times the share of time spent in steps.
        (Duration.milliseconds(250), Duration.zero, 1.0), (.milliseconds(1000), .zero, 1),
        (.milliseconds(50), .zero, 0.2),
        (.milliseconds(250), .milliseconds(250), 0.5), (.milliseconds(100), .milliseconds(300), 0.1),
    ])
    func `Is as busy as steps are long and come one after the other`(step: Duration, rest: Duration, share: Double) {
        let (load, now) = Self.load(Self.step(step), times: 400, rest: rest)
        #expect(Self.isNear(load.compute(at: now), share, within: 0.03), "\(load.compute(at: now))")
    }

    @Test func `Fades while nothing is computed`() {
        let (load, now) = Self.load(Self.step(), times: 200)
        #expect(Self.isNear(load.compute(at: now + EngineLoad.saturationWindow), 0.368))
        #expect(load.compute(at: now + .seconds(60)) < 0.001)
    }

    @Test func `Counts tokens in time spent computing, not in time spent waiting for requests`() {
        for rest in [Duration.zero, .seconds(3)] {
            let (load, _) = Self.load(Self.step(.milliseconds(100), tokens: 20), times: 100, rest: rest)
            #expect(Self.isNear(load.tokensPerSecond ?? 0, 200))
        }
    }

    @Test func `Does not count what is computed a second time`() {
        var report = Self.step(.milliseconds(100), tokens: 20)
        report.recomputedTokens = 15
        #expect(Self.isNear(Self.load(report, times: 10).load.tokensPerSecond ?? 0, 50))
    }

    @Test func `Forgets how fast it was after a minute of computing`() {
        var (load, now) = Self.load(Self.step(tokens: 100), times: 400)
        for _ in 0..<1200 {
            now += .milliseconds(250)
            load.observe(Self.step(tokens: 10), at: now)
        }
        #expect(Self.isNear(load.tokensPerSecond ?? 0, 40, within: 0.1), "\(load.tokensPerSecond ?? 0)")
    }

    @Test func `Demand is places asked for over places there are`() {
        #expect(Self.load(Self.step(running: 4), times: 1).load.demand == 0.25)
        #expect(Self.load(Self.step(running: 16, waiting: 16), times: 1).load.demand == 2)
    }

    @Test func `Utilization is the greatest of cache, compute and demand`() throws {
        func utilization(_ report: StepReport, times: Int = 400, later: Duration = .zero) throws -> Double {
            let (load, now) = Self.load(report, times: times)
            return try #require(LoadReport(load, at: now + later)).applicationUtilization
        }
        let short = Duration.milliseconds(5)
        #expect(try utilization(Self.step(short, running: 4)) == 0.25)
        #expect(try utilization(Self.step(short, running: 4, usedBlocks: 70)) == 0.7)
        #expect(Self.isNear(try utilization(Self.step(.milliseconds(200), running: 4, usedBlocks: 70)), 0.8))
        #expect(try utilization(Self.step(short, running: 16, waiting: 8, usedBlocks: 99)) == 1.5)
        #expect(
            try utilization(Self.step(running: 0), later: .seconds(600)) == LoadReport.leastUtilization,
            "an idle replica reports the least there is, since 0 would be ignored")
    }

    @Test func `Whoever is refused waits for all that wait before`() {
        // Four sequences end in a second.
        let (load, _) = Self.load(Self.step(running: 16, waiting: 80, ended: 1), times: 400)
        func seconds(_ refusal: EngineRefusal) -> Int { RetryAfter.seconds(load.wait(after: refusal)) }
        #expect((20...21).contains(seconds(.queueFull(limit: 96))))
        #expect((2...3).contains(seconds(.tenantQueueFull(limit: 8))))
        #expect(seconds(.stopping) == 1)
    }

    @Test func `A tenant waits longer where it takes turns with others`() {
        var report = Self.step(running: 16, waiting: 80, ended: 1)
        report.waitingTenants = 5
        let (load, _) = Self.load(report, times: 400)
        #expect((10...11).contains(RetryAfter.seconds(load.wait(after: .tenantQueueFull(limit: 8)))))
    }

    @Test func `Before any sequence has ended, the pace is that one ends at once`() {
        let (load, _) = Self.load(Self.step(running: 1), times: 8)
        #expect(RetryAfter.seconds(load.wait(after: .queueFull(limit: 4))) == 6, "3 before it, 2 s each")
        #expect(RetryAfter.seconds(EngineLoad().wait(after: .queueFull(limit: 4))) == 1)
    }

    @Test(arguments: [
        (Duration.zero, 1), (.milliseconds(1), 1), (.milliseconds(1001), 2), (.seconds(59), 59), (.seconds(60), 60),
        (.seconds(1e9), 60), (.seconds(-1), 1),
    ])
    func `Retry-After has whole seconds from one to a minute`(estimate: Duration, seconds: Int) {
        #expect(RetryAfter.seconds(estimate) == seconds)
    }
}

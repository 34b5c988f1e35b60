import LaminaModel
import Testing

@testable import LaminaEngine

struct SchedulerTests {
    private func admit(_ scheduler: inout Scheduler) -> [UInt64] { scheduler.admit().map(\.id.number) }

    @Test func `A long prompt is computed in chunks while others decode`() {
        var scheduler = Scheduler(
            limits: EngineLimits(maximumSequences: 4, maximumStepTokens: 132, contextLength: 512), blockCount: 64)
        scheduler.add(SequenceState(1, prompt: 5, maximum: 10))
        _ = scheduler.admit()
        var step = scheduler.schedule()
        #expect(step.batch.slices.map(\.tokens.count) == [5])
        _ = scheduler.commit(step, sampled: [9])
        scheduler.add(SequenceState(2, prompt: 300, maximum: 10, context: 512))
        _ = scheduler.admit()
        var counts: [[Int]] = []
        for _ in 0..<3 {
            step = scheduler.schedule()
            counts.append(step.batch.slices.map(\.tokens.count))
            let wanted = step.batch.slices.filter(\.wantsLogits).count
            _ = scheduler.commit(step, sampled: [TokenID](repeating: 9, count: wanted))
        }
        #expect(counts == [[1, 131], [1, 131], [1, 38]])
    }

    @Test func `Prompts advance by no more than the allowance, the first come first`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 512), blockCount: 128)
        for number: UInt64 in 1...3 {
            scheduler.add(SequenceState(number, prompt: 100, maximum: 10, kind: Int(number)))
        }
        _ = scheduler.admit()
        let allowance = StepPacer.Allowance(besideDecodes: 32, alone: 120)
        var counts: [[Int]] = []
        for _ in 0..<5 {
            let step = scheduler.schedule(allowance)
            counts.append(step.batch.slices.map(\.tokens.count))
            let wanted = step.batch.slices.filter(\.wantsLogits).count
            _ = scheduler.commit(step, sampled: [TokenID](repeating: 9, count: wanted))
        }
        // Alone the first prompt and what fits of the second; beside the first's tokens the second ends before the third begins.
        #expect(counts == [[100, 20], [1, 32], [1, 32], [1, 16, 16], [1, 1, 32]])
    }

    @Test func `A sequence that does not fit waits, and those behind it wait with it`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 8)
        scheduler.add(SequenceState(1, prompt: 60, maximum: 20))
        scheduler.add(SequenceState(2, prompt: 100, maximum: 20))
        scheduler.add(SequenceState(3, prompt: 1, maximum: 1))
        #expect(admit(&scheduler) == [1])
        #expect(scheduler.waiting.count == 2)
        #expect(scheduler.remove(SequenceID(number: 1)) == true)
        #expect(admit(&scheduler) == [2])
        #expect(scheduler.remove(SequenceID(number: 2)) == true)
        #expect(admit(&scheduler) == [3])
    }

    @Test func `Blocks are taken as a sequence grows, not for all it may ever have`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 20)
        scheduler.add(SequenceState(1, prompt: 15, maximum: 113))
        _ = scheduler.admit()
        #expect(scheduler.running[0].blocks.count == 1)
        for expected in [1, 1, 2] {
            let step = scheduler.schedule()
            #expect(scheduler.running[0].blocks.count == expected)
            _ = scheduler.commit(step, sampled: [9])
        }
    }

    @Test func `Nobody is let in who would take the room others need to grow`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 9)
        for number: UInt64 in 1...3 { scheduler.add(SequenceState(number, prompt: 16, maximum: 90, kind: Int(number))) }
        // One block each, and four to grow by: the first two need ten.
        #expect(admit(&scheduler) == [1])
        var roomy = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 10)
        for number: UInt64 in 1...3 { roomy.add(SequenceState(number, prompt: 16, maximum: 90, kind: Int(number))) }
        #expect(admit(&roomy) == [1, 2])
    }

    @Test func `When blocks run out the weakest gives way, and goes on with what it had generated`() throws {
        let limits = EngineLimits(contextLength: 128)
        var shadow = ShadowModel(limits: limits, blockCount: 10)
        let states = (0..<2).map { SequenceState($0, prompt: 16, maximum: 100, kind: Int($0)) }
        for state in states { shadow.add(state) }
        var resting: [UInt64] = []
        for _ in 0..<90 {
            shadow.step(limits: limits)
            resting += shadow.scheduler.waiting.ids.map(\.number)
        }
        #expect(Set(resting) == [1] && shadow.preemptions > 0)
        #expect(shadow.drain(within: 500, limits: limits) == true)
        for state in states { #expect(shadow.ended[state.id.number] == ShadowModel.expected(state)) }
        #expect(shadow.preemptions == 1, "it must not come back before there is room")
    }

    @Test func `A preempted sequence is not overtaken by newcomers of tenants that were served less`() {
        let limits = EngineLimits(maximumSequences: 4, contextLength: 128)
        var shadow = ShadowModel(limits: limits, blockCount: 10)
        for number: UInt64 in 0..<2 {
            shadow.add(
                SequenceState(
                    number, prompt: 16, maximum: 100, kind: Int(number), stop: [],
                    terms: .init(tenant: .named("greedy"))))
        }
        var next: UInt64 = 2
        var overtaking = 0
        for _ in 0..<400 where shadow.ended[1] == nil {
            // Always a newcomer of a tenant of its own, small enough to fit wherever a block is left.
            if shadow.scheduler.waiting.ids.allSatisfy({ $0.number < 2 }) {
                shadow.add(
                    SequenceState(
                        next, prompt: 16, maximum: 8, kind: Int(next), stop: [],
                        terms: .init(tenant: .named("\(next)"))))
                next += 1
            }
            let waiting = Set(shadow.scheduler.waiting.ids.map(\.number))
            let running = Set(shadow.scheduler.running.map(\.id.number))
            shadow.step(limits: limits)
            if shadow.preemptions > 0, waiting.contains(1) {
                overtaking += shadow.scheduler.running.count { !running.contains($0.id.number) && $0.id.number != 1 }
            }
        }
        #expect(shadow.ended[1] != nil && shadow.preemptions >= 1)
        // Only the rule that lets in whoever came first may let one past, and it prefers the preempted one too.
        #expect(overtaking == 0, "\(overtaking) newcomers were let in before it")
    }

    @Test func `What is computed again is told apart from what is new`() {
        let limits = EngineLimits(contextLength: 128)
        var scheduler = Scheduler(limits: limits, blockCount: 10)
        for number: UInt64 in 0...1 {
            scheduler.add(SequenceState(number, prompt: 16, maximum: 100, kind: Int(number)))
        }
        var (prompt, again, preempted) = (0, 0, 0)
        while !scheduler.isIdle {
            _ = scheduler.admit()
            let step = scheduler.schedule()
            prompt += step.promptTokens
            again += step.recomputedTokens
            preempted += step.preemptions
            let wanted = step.batch.slices.filter(\.wantsLogits).count
            _ = scheduler.commit(step, sampled: [TokenID](repeating: 9, count: wanted))
        }
        #expect(prompt == 32 && preempted == 1)
        #expect((1..<100).contains(again))
    }

    @Test func `Stop tokens end a text without being part of it, the limit ends it with its last token`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 16)
        scheduler.add(SequenceState(1, prompt: 3, maximum: 2))
        scheduler.add(SequenceState(2, prompt: 3, maximum: 5))
        _ = scheduler.admit()
        let first = scheduler.commit(scheduler.schedule(), sampled: [7, 0])
        #expect(
            first == [
                .init(id: SequenceID(number: 1), token: 7, finished: nil),
                .init(id: SequenceID(number: 2), token: nil, finished: .stop),
            ])
        let second = scheduler.commit(scheduler.schedule(), sampled: [8])
        #expect(second == [.init(id: SequenceID(number: 1), token: 8, finished: .length)])
        #expect(scheduler.isIdle && scheduler.pool.freeCount == 16)
    }

    @Test func `The urgent go first, and keep their blocks`() {
        let limits = EngineLimits(maximumSequences: 2, contextLength: 128)
        var scheduler = Scheduler(limits: limits, blockCount: 10)
        for (number, priority) in [(0, 5), (1, 0), (2, -1)] as [(UInt64, Int)] {
            scheduler.add(
                SequenceState(number, prompt: 16, maximum: 100, kind: Int(number), terms: .init(priority: priority)))
        }
        #expect(admit(&scheduler) == [2, 1])
        #expect(scheduler.running.map(\.id.number) == [2, 1])
        while scheduler.running.count == 2 {
            let step = scheduler.schedule()
            _ = scheduler.commit(step, sampled: step.batch.slices.filter(\.wantsLogits).map { _ in 9 })
        }
        #expect(scheduler.running.map(\.id.number) == [2])
    }

    @Test func `Whoever waits is let in at last, however many urgent ones come`() {
        let limits = EngineLimits(maximumSequences: 2, contextLength: 128)
        var scheduler = Scheduler(limits: limits, blockCount: 10)
        scheduler.add(SequenceState(0, prompt: 40, maximum: 60, terms: .init(priority: 1000)))
        var next: UInt64 = 1
        var ended = false
        for _ in 0..<1000 where !ended {
            while scheduler.waiting.count < 5 {
                scheduler.add(SequenceState(next, prompt: 40, maximum: 60, kind: Int(next % 7)))
                next += 1
            }
            _ = scheduler.admit()
            let step = scheduler.schedule()
            let outcomes = scheduler.commit(step, sampled: step.batch.slices.filter(\.wantsLogits).map { _ in 9 })
            ended = outcomes.contains { $0.id.number == 0 && $0.finished != nil }
        }
        #expect(ended)
        #expect(next < 30, "one of eight admissions goes to the one that came first")
    }

    @Test func `Deadlines end those who wait and those who run, and nobody else`() {
        let start = ContinuousClock.now
        var scheduler = Scheduler(limits: EngineLimits(maximumSequences: 1, contextLength: 128), blockCount: 8)
        for number: UInt64 in 0...2 {
            scheduler.add(
                SequenceState(number, prompt: 20, maximum: 50), deadline: start.advanced(by: .seconds(Int(number))))
        }
        scheduler.add(SequenceState(3, prompt: 20, maximum: 50))
        func expired(after milliseconds: Int) -> [UInt64] {
            scheduler.expire(at: start.advanced(by: .milliseconds(milliseconds))).map(\.number)
        }
        #expect(expired(after: 0) == [0])
        #expect(admit(&scheduler) == [1])
        #expect(expired(after: 999) == [])
        #expect(expired(after: 5000) == [1, 2])
        #expect(scheduler.pool.freeCount == 8)
        #expect(admit(&scheduler) == [3])
    }

    @Test func `Deadlines of sequences that have ended are not kept`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 8)
        for number: UInt64 in 0..<5000 {
            scheduler.add(SequenceState(number, prompt: 1, maximum: 1), deadline: .now.advanced(by: .seconds(60)))
            #expect(scheduler.remove(SequenceID(number: number)) == true)
        }
        #expect(scheduler.deadlineCount < 100)
    }
}

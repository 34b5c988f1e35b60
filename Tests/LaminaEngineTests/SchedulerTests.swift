import LaminaKernels
import LaminaModel
import Testing

@testable import LaminaEngine

struct SchedulerTests {
    private static func sequence(
        _ number: UInt64, prompt: Int, maximum: Int, context: Int = 128
    ) -> SequenceState {
        SequenceState(
            id: SequenceID(number: number),
            request: GenerationRequest(
                prompt: (0..<prompt).map { TokenID($0 % 50 + 1) }, maximumTokens: maximum, sampling: .greedy,
                stopTokens: [0]), contextLength: context)
    }

    @Test func `A long prompt is computed in chunks while others decode`() {
        var scheduler = Scheduler(
            limits: EngineLimits(maximumSequences: 4, maximumStepTokens: 132, contextLength: 512), blockCount: 64)
        scheduler.add(Self.sequence(1, prompt: 5, maximum: 10))
        _ = scheduler.admit()
        var step = scheduler.schedule()
        #expect(step.batch.slices.map(\.tokens.count) == [5])
        _ = scheduler.commit(step, sampled: [9])
        scheduler.add(Self.sequence(2, prompt: 300, maximum: 10, context: 512))
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

    @Test func `A sequence that does not fit waits, and those behind it wait with it`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 8)
        scheduler.add(Self.sequence(1, prompt: 60, maximum: 20))
        scheduler.add(Self.sequence(2, prompt: 100, maximum: 20))
        scheduler.add(Self.sequence(3, prompt: 1, maximum: 1))
        #expect(scheduler.admit().map(\.id.number) == [1])
        #expect(scheduler.waitingCount == 2)
        #expect(scheduler.remove(SequenceID(number: 1)) == true)
        #expect(scheduler.admit().map(\.id.number) == [2])
        #expect(scheduler.remove(SequenceID(number: 2)) == true)
        #expect(scheduler.admit().map(\.id.number) == [3])
    }

    @Test func `Stop tokens end a text without being part of it, the limit ends it with its last token`() {
        var scheduler = Scheduler(limits: EngineLimits(contextLength: 128), blockCount: 16)
        scheduler.add(Self.sequence(1, prompt: 3, maximum: 2))
        scheduler.add(Self.sequence(2, prompt: 3, maximum: 5))
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

    @Test(arguments: 0..<20)
    func `Random operations lose no block, share none and starve nobody`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = EngineLimits(maximumSequences: 5, maximumStepTokens: 40, contextLength: 128)
        var scheduler = Scheduler(limits: limits, blockCount: 20)
        var live: Set<UInt64> = []
        var nextNumber: UInt64 = 0
        for operation in 0..<600 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2 where live.count < 30:
                scheduler.add(
                    Self.sequence(
                        nextNumber, prompt: .random(in: 1...120, using: &random),
                        maximum: .random(in: 1...60, using: &random)))
                live.insert(nextNumber)
                nextNumber += 1
            case 3:
                if let victim = live.sorted().randomElement(using: &random) {
                    #expect(scheduler.remove(SequenceID(number: victim)) == true)
                    live.remove(victim)
                }
            default:
                step(&scheduler, &live, limits, using: &random)
            }
            checkBlocks(scheduler, "operation \(operation)")
        }
        // Everything that is left ends within its own number of steps.
        var steps = 0
        while !scheduler.isIdle {
            step(&scheduler, &live, limits, using: &random)
            steps += 1
            guard steps < 5000 else {
                Issue.record("sequences starve: \(live)")
                return
            }
        }
        #expect(live.isEmpty && scheduler.pool.freeCount == 20)
    }

    private func step(
        _ scheduler: inout Scheduler, _ live: inout Set<UInt64>, _ limits: EngineLimits,
        using random: inout SplitMix64
    ) {
        _ = scheduler.admit()
        let step = scheduler.schedule()
        #expect(step.batch.tokenCount <= limits.maximumStepTokens)
        #expect(step.ids.count <= limits.maximumSequences)
        #expect(scheduler.runningCount == 0 || step.batch.tokenCount > 0, "a step must advance somebody")
        let sampled = step.batch.slices.filter(\.wantsLogits).map { _ in TokenID.random(in: 0...30, using: &random) }
        for outcome in scheduler.commit(step, sampled: sampled) where outcome.finished != nil {
            #expect(live.remove(outcome.id.number) != nil)
        }
    }

    /// Every block counts the sequences that hold it, and is free where none does; sequences that share a block agree on
    /// everything up to its end.
    private func checkBlocks(_ scheduler: Scheduler, _ when: String) {
        var holders: [Int32: [(tokens: ArraySlice<TokenID>, index: Int)]] = [:]
        for (tokens, blocks) in scheduler.runningBlocks {
            #expect(Set(blocks).count == blocks.count, "a block twice in one table: \(when)")
            for (index, block) in blocks.enumerated() {
                holders[block, default: []].append((tokens.prefix((index + 1) * KVCache.blockSize), index))
            }
        }
        for block in 0..<Int32(scheduler.pool.blockCount) {
            #expect(scheduler.pool.holderCount(block) == holders[block]?.count ?? 0, "block \(block): \(when)")
        }
        #expect(holders.count + scheduler.pool.freeCount == scheduler.pool.blockCount, "a block is lost: \(when)")
        for sharers in holders.values where sharers.count > 1 {
            #expect(
                Set(sharers.map(\.index)).count == 1 && Set(sharers.map(\.tokens)).count == 1, "shared wrongly: \(when)"
            )
            #expect(sharers[0].tokens.count == (sharers[0].index + 1) * KVCache.blockSize, "not full: \(when)")
        }
    }
}

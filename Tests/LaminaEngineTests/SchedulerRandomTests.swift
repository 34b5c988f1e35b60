import LaminaModel
import Testing

@testable import LaminaEngine

struct SchedulerRandomTests {
    @Test(arguments: 0..<40)
    func `Random operations lose no block, mix up no contents and starve nobody`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let limits = EngineLimits(maximumSequences: 5, maximumStepTokens: 40, contextLength: 128)
        var shadow = ShadowModel(limits: limits, blockCount: .random(in: 8...30, using: &random))
        let start = ContinuousClock.now
        var now = start
        var taken: [UInt64: SequenceState] = [:]
        var nextNumber: UInt64 = 0
        for operation in 0..<500 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...2 where shadow.live.count < 30:
                let (state, terms) = request(nextNumber, now, using: &random)
                taken[nextNumber] = state
                shadow.add(state, salt: terms.cacheSalt, deadline: terms.deadline)
                nextNumber += 1
            case 3:
                guard let victim = shadow.live.keys.sorted().randomElement(using: &random) else { break }
                let id = SequenceID(number: victim)
                #expect(shadow.scheduler.remove(id) == true)
                #expect(shadow.scheduler.remove(id) == false)
                shadow.forget([id])
            case 4:
                now = now.advanced(by: .seconds(1))
                shadow.forget(shadow.scheduler.expire(at: now))
            default:
                let tokens = Int.random(in: 1...40, using: &random)
                shadow.step(.init(besideDecodes: tokens, alone: tokens), limits: limits)
            }
            shadow.checkBlocks("seed \(seed), operation \(operation)")
        }
        // The one with the strongest claim advances in every step, and only an overdue one comes before it.
        let most = shadow.live.values.reduce(0) { $0 + $1.state.promptCount + $1.state.maximumTokens + 2 }
        #expect(shadow.drain(within: 2 * most, limits: limits) == true, "seed \(seed): \(shadow.live.keys) starve")
        #expect(shadow.live.isEmpty && shadow.scheduler.pool.freeCount == shadow.scheduler.pool.blockCount)
        for (number, output) in shadow.ended {
            #expect(taken[number].map(ShadowModel.expected) == output, "seed \(seed), sequence \(number)")
        }
        #expect(shadow.scheduler.waiting.tenantCount == 0)
    }

    private func request(
        _ number: UInt64, _ now: ContinuousClock.Instant, using random: inout SplitMix64
    ) -> (SequenceState, RequestTerms) {
        let terms = RequestTerms(
            tenant: Bool.random(using: &random) ? .common : .named("\(Int.random(in: 0...3, using: &random))"),
            priority: .random(in: -1...1, using: &random),
            deadline: Int.random(in: 0..<4, using: &random) == 0
                ? now.advanced(by: .seconds(Int.random(in: 1...30, using: &random))) : nil,
            cacheSalt: [nil, nil, "a", "b"].randomElement(using: &random) ?? nil)
        let state = SequenceState(
            number, prompt: .random(in: 1...120, using: &random), maximum: .random(in: 1...60, using: &random),
            kind: .random(in: 0...3, using: &random), terms: terms)
        return (state, terms)
    }

    @Test func `Long answers in a small cache cause few preemptions`() {
        let limits = EngineLimits(maximumSequences: 8, contextLength: 512)
        var shadow = ShadowModel(limits: limits, blockCount: 64)
        let states = (0..<24).map {
            SequenceState($0, prompt: 40 + Int($0), maximum: 300, kind: Int($0), context: 512, stop: [])
        }
        for state in states { shadow.add(state) }
        #expect(shadow.drain(within: 24 * 400, limits: limits) == true)
        for state in states { #expect(shadow.ended[state.id.number] == ShadowModel.expected(state)) }
        #expect((1...48).contains(shadow.preemptions), "\(shadow.preemptions) preemptions of 24 sequences")
    }
}

import LaminaModel
import Testing

@testable import LaminaEngine

struct WaitingQueueTests {
    private func state(_ number: UInt64, _ tenant: String, priority: Int = 0, prompt: Int = 10) -> SequenceState {
        SequenceState(number, prompt: prompt, maximum: 10, terms: .init(tenant: .named(tenant), priority: priority))
    }

    /// Lets in whose turn it is, charging `cost`.
    private func admit(_ queue: inout WaitingQueue, cost: Int = 100) -> UInt64? {
        guard let next = queue.next else { return nil }
        queue.admit(next)
        queue.charge(next, cost)
        return next.id.number
    }

    @Test func `One tenant's requests keep their order, and tenants take turns`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<4 { queue.add(state(number, "a")) }
        for number: UInt64 in 4..<6 { queue.add(state(number, "b")) }
        #expect((0..<7).map { _ in admit(&queue) } == [0, 4, 1, 5, 2, 3, nil])
        #expect(queue.count == 0 && queue.tenantCount == 0)
    }

    @Test func `Who was served more waits longer`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<3 { queue.add(state(number, "a")) }
        for number: UInt64 in 3..<9 { queue.add(state(number, "b")) }
        #expect(admit(&queue, cost: 300) == 0)
        #expect((0..<5).map { _ in admit(&queue) } == [3, 4, 5, 1, 6])
    }

    @Test func `Service is not saved up while away, and debts stay`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<6 { queue.add(state(number, "a")) }
        for _ in 0..<6 { _ = admit(&queue) }
        // b begins where a was when it was last let in, not at nothing.
        for number: UInt64 in 6..<9 { queue.add(state(number, "b")) }
        for number: UInt64 in 9..<12 { queue.add(state(number, "a")) }
        #expect(queue.served(.named("b"), priority: 0) == 500)
        #expect((0..<6).map { _ in admit(&queue) } == [6, 7, 9, 8, 10, 11])
    }

    @Test func `Lower priorities come first, each fair in itself`() {
        var queue = WaitingQueue()
        queue.add(state(0, "a", priority: 1))
        queue.add(state(1, "b", priority: -5))
        queue.add(state(2, "a"))
        queue.add(state(3, "b", priority: -5))
        #expect(queue.oldest?.id.number == 0)
        #expect((0..<4).map { _ in admit(&queue) } == [1, 3, 2, 0])
    }

    @Test func `A preempted request returns to the front`() {
        var queue = WaitingQueue()
        let states = (0..<4).map { state($0, "a") }
        queue.add(states[2])
        queue.add(states[3])
        queue.add(states[0])
        queue.add(states[1])
        #expect((0..<4).map { _ in admit(&queue) } == [0, 1, 2, 3])
    }

    @Test func `Preempted requests come before newcomers of tenants served less`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<2 { queue.add(state(number, "greedy")) }
        queue.add(state(2, "other"))
        var preempted: [SequenceState] = []
        for (ordinal, number) in [UInt64(0), 2, 1].enumerated() {
            var admitted = state(number, number == 2 ? "other" : "greedy")
            queue.admit(admitted)
            queue.charge(admitted, 1000)
            admitted.rank = .init(isOverdue: false, priority: 0, ordinal: UInt64(ordinal))
            preempted.append(admitted)
        }
        queue.add(state(3, "modest"))
        for sequence in preempted.reversed() { queue.add(sequence) }
        let floor = queue.served(.named("modest"), priority: 0)
        // In the order of their claims, whatever their tenants were served.
        #expect((0..<4).map { _ in admit(&queue, cost: 0) } == [0, 2, 1, 3])
        // Whoever comes now begins where those stand that were let in in their turn, not where the preempted stand.
        queue.add(state(4, "late"))
        #expect(queue.served(.named("late"), priority: 0) == floor)
    }

    @Test func `Requests no longer wanted are taken out, wherever they wait`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<30 {
            queue.add(state(number, "\(number % 3)", priority: Int(number % 2)))
        }
        for number: UInt64 in stride(from: 0, to: 30, by: 4) {
            #expect(queue.remove(SequenceID(number: number)) == true)
            #expect(queue.remove(SequenceID(number: number)) == false)
        }
        #expect(queue.count == 22 && Set(queue.ids.map(\.number)).count == 22)
        #expect(!queue.ids.contains { $0.number % 4 == 0 })
    }

    @Test func `Thousands of tenants and priorities leave no trail`() {
        var queue = WaitingQueue()
        for number: UInt64 in 0..<3000 {
            queue.add(state(number, "\(number)", priority: Int(number % 200)))
            _ = admit(&queue, cost: Int(number % 50) * 1000)
        }
        #expect(queue.accountCount < 3000)
        for number: UInt64 in 3000..<10_000 {
            queue.add(state(number, "\(number)"))
            _ = admit(&queue, cost: Int(number % 50) * 1000)
        }
        #expect(queue.accountCount < 3000)
    }

    @Test func `Tenants with unequal demand get equal service as long as both wait`() {
        let limits = EngineLimits(maximumSequences: 4, contextLength: 256)
        var shadow = ShadowModel(limits: limits, blockCount: 64)
        var number: UInt64 = 0
        // Forty short requests against ten long ones, and each tenant always has one waiting.
        func refill(_ shadow: inout ShadowModel) {
            for (tenant, prompt, maximum) in [("many", 10, 10), ("long", 100, 100)] {
                while shadow.scheduler.waiting.ids.count(where: {
                    shadow.live[$0.number]?.state.tenant == .named(tenant)
                })
                    < (tenant == "many" ? 20 : 2)
                {
                    shadow.add(
                        SequenceState(
                            number, prompt: prompt, maximum: maximum, kind: Int(number), context: 256,
                            terms: .init(tenant: .named(tenant))))
                    number += 1
                }
            }
        }
        // The largest request, for each of the places it may hold (Sheng et al., theorem 4.4), and as much again for the overdue.
        let bound = 2 * 4 * (100 * ServiceCost.promptToken + 100 * ServiceCost.generatedToken)
        for _ in 0..<1500 {
            refill(&shadow)
            shadow.step(limits: limits)
            let served = ["many", "long"].map { shadow.scheduler.waiting.served(.named($0), priority: 0) ?? 0 }
            #expect(abs(served[0] - served[1]) <= bound, "\(served)")
        }
        #expect((shadow.scheduler.waiting.served(.named("many"), priority: 0) ?? 0) > 4 * bound)
    }
}

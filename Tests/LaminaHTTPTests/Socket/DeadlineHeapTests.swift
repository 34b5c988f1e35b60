import Testing

@testable import LaminaHTTP

struct DeadlineHeapTests {
    private let start = ContinuousClock.now

    private func time(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    @Test func `Gives back what is due, the earliest first, and keeps the rest`() {
        var heap = DeadlineHeap()
        for (descriptor, seconds) in [(4, 9), (7, 3), (5, 6), (9, 3), (0, 1)] {
            heap.set(Int32(descriptor), to: time(seconds))
        }
        #expect(heap.first == time(1))
        #expect(heap.removeDue(at: start).isEmpty)
        #expect(heap.removeDue(at: time(5)).first == 0)
        #expect(heap.removeDue(at: time(8)) == [5])
        #expect(heap.first == time(9))
    }

    @Test func `Has one deadline for each descriptor`() {
        var heap = DeadlineHeap()
        heap.set(3, to: time(1))
        heap.set(3, to: time(5))
        #expect(heap.removeDue(at: time(4)).isEmpty)
        #expect(heap.removeDue(at: time(5)) == [3])
        heap.remove(3)
        heap.remove(99)
        #expect(heap.first == nil)
    }

    @Test func `Agrees with a sorted list over random operations`() {
        var random = SystemRandomNumberGenerator()
        var heap = DeadlineHeap()
        var model: [Int32: Int] = [:]
        for _ in 0..<3000 {
            let descriptor = Int32.random(in: 0..<40, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0:
                heap.remove(descriptor)
                model[descriptor] = nil
            case 1:
                let now = Int.random(in: 0..<1000, using: &random)
                let due = heap.removeDue(at: time(now)).compactMap { model[$0] }
                #expect(due == model.values.filter { $0 <= now }.sorted())
                model = model.filter { $0.value > now }
            default:
                let seconds = Int.random(in: 0..<1000, using: &random)
                heap.set(descriptor, to: time(seconds))
                model[descriptor] = seconds
            }
            #expect(heap.first == model.values.min().map(time))
        }
    }
}

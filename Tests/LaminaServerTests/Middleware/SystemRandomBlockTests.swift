import Testing

@testable import LaminaServer

struct SystemRandomBlockTests {
    @Test func `Gives other numbers within a block, after it, and in another block`() {
        var (first, second) = (SystemRandomBlock(), SystemRandomBlock())
        let numbers = (0..<20).map { _ in first.next() } + (0..<20).map { _ in second.next() }
        #expect(Set(numbers).count == 40)
    }

    @Test func `Tasks that draw at the same time get different numbers`() async {
        let all = await withTaskGroup(of: [UInt64].self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<100).map { _ in
                        var block = SystemRandomBlock()
                        return block.next()
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(all).count == 800)
    }
}

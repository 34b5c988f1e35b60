import Testing

@testable import LaminaServer

struct SystemRandomBlockTests {
    @Test func `Gives other numbers within a block, after it, and in another block`() {
        var (first, second) = (SystemRandomBlock(), SystemRandomBlock())
        let numbers = (0..<20).map { _ in first.next() } + (0..<20).map { _ in second.next() }
        #expect(Set(numbers).count == 40)
    }
}

import LaminaEngine
import Testing

@testable import lamina_llm_serve

struct WorkloadTests {
    private func workload(
        _ material: PromptSource.Material = .tokens(300...1999), prefix: Int = 0, turns: Int = 1, seed: UInt64 = 1
    ) -> Workload {
        Workload(
            source: PromptSource(material: material), inputTokens: TokenRange(8...12), outputTokens: TokenRange(5),
            prefixTokens: prefix, turns: turns, seed: seed)
    }

    private func tokens(_ turn: Conversation.Turn?) -> [Int] {
        var tokens: [Int] = []
        for entry in turn?.parts ?? [] {
            if case .tokens(let ids) = entry.part { tokens += ids }
        }
        return tokens
    }

    @Test func `Gives each request its own prompt, of the length and range asked for`() {
        let workload = workload()
        var firsts: Set<[Int]> = []
        for number in 0..<200 {
            var conversation = workload.conversation(number)
            let ids = tokens(conversation.next(after: nil))
            #expect((8...12).contains(ids.count))
            #expect(ids.allSatisfy { (300...1999).contains($0) })
            firsts.insert(Array(ids.prefix(2)))
            #expect(conversation.next(after: "x") == nil)
        }
        #expect(firsts.count > 195, "prompts share no beginning but by chance")
    }

    @Test func `Repeats with a seed, and differs with another`() {
        func first(_ seed: UInt64) -> [Int] {
            var conversation = workload(seed: seed).conversation(3)
            return tokens(conversation.next(after: nil))
        }
        #expect(first(5) == first(5))
        #expect(first(5) != first(6))
        var next = workload(seed: 6).conversation(2)
        #expect(first(5) != tokens(next.next(after: nil)), "neighbouring seeds share nothing either")
    }

    @Test func `Measures every word as often as the others`() {
        let (once, twice) = (PromptSource.sample(repetitions: 1), PromptSource.sample(repetitions: 2))
        #expect(twice.text == once.text + " " + once.text)
        #expect(once.words == Set(once.text.split(separator: " ")).count)
        #expect(twice.words == 2 * once.words)
    }

    @Test func `Agents share the prefix and carry on what was said`() {
        let workload = workload(prefix: 20, turns: 3)
        var (one, other) = (workload.conversation(0), workload.conversation(1))
        let first = tokens(one.next(after: nil))
        let second = tokens(one.next(after: "some text"))
        let third = tokens(one.next(after: "more"))
        #expect(one.next(after: "end") == nil)
        #expect(second.starts(with: first))
        #expect(third.starts(with: second))
        // A prefix of 20, two messages of 8 to 12, and five tokens that stand for the answer.
        #expect((41...49).contains(second.count))
        let foreign = tokens(other.next(after: nil))
        #expect(foreign.prefix(20) == first.prefix(20))
        #expect(foreign != first)
        var warmUp = workload.conversation(Workload.firstWarmUp)
        #expect(tokens(warmUp.next(after: nil)).prefix(20) != first.prefix(20))
    }

    @Test func `Sends the answers of the server as they were`() throws {
        let workload = workload(
            .words(.init((words: 1, tokens: 11), (words: 11, tokens: 21))), prefix: 4, turns: 2)
        var conversation = workload.conversation(0)
        let opening = conversation.next(after: nil)
        let first = try #require(opening)
        #expect(first.parts.map(\.role) == [.system, .user])
        let following = conversation.next(after: "the answer")
        let second = try #require(following)
        #expect(second.parts.map(\.role) == [.system, .user, .assistant, .user])
        #expect(second.parts[2].part == .words("the answer"))
    }

    @Test func `Measures words out by what two prompts cost`() {
        let cost = PromptSource.WordCost((words: 4, tokens: 16), (words: 24, tokens: 46))
        #expect(cost == .init((words: 4, tokens: 16), (words: 104, tokens: 166)))
        #expect(cost.perWord == 1.5)
        #expect(cost.fixed == 10)
        var random = SplitMix64(seed: 1)
        func words(_ tokens: Int, isWhole: Bool) -> Int {
            guard
                case .words(let text) = PromptSource(material: .words(cost)).part(
                    tokens: tokens, isWhole: isWhole, &random)
            else { return 0 }
            return text.split(separator: " ").count
        }
        #expect(words(100, isWhole: true) == 60)
        #expect(words(90, isWhole: false) == 60)
        #expect(words(3, isWhole: true) == 1)
        // A server that counts strangely must not make prompts without end.
        #expect(PromptSource.WordCost((words: 4, tokens: 16), (words: 24, tokens: 16)).perWord == 0.1)
    }
}

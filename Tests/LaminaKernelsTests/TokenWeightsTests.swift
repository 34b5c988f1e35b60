import Glibc
import Testing

@testable import LaminaKernels

struct TokenWeightsTests {
    private static let sizes = [1, 7, 8, 15, 16, 17, 100, 511, 512, 513, 3000]

    private func change(_ weights: [Float], _ body: (inout MutableSpan<Float>) -> Void) -> [Float] {
        var copy = weights
        var span = copy.mutableSpan
        body(&span)
        return copy
    }

    /// Weights 0...1, many of them equal, some 0.
    private func weights(_ count: Int) -> [Float] {
        var random = SeededGenerator(state: UInt64(count))
        var weights = random.floats(count).map { (abs($0) * 20).rounded() / 20 * abs($0 > 0 ? 1 : $0) }
        weights[count / 2] = 1
        return weights
    }

    /// The first `count` in falling order, of equal ones those that come first; zero elsewhere.
    private func kept(_ weights: [Float], _ count: Int) -> [Float] {
        let order = weights.indices.sorted { (-weights[$0], $0) < (-weights[$1], $1) }
        let ids = Set(order.prefix(count))
        return weights.indices.map { ids.contains($0) ? weights[$0] : 0 }
    }

    @Test(arguments: sizes)
    func `Finds the first of the largest, whatever is no number`(count: Int) {
        var random = SeededGenerator(state: UInt64(count))
        for place in Set([0, count / 2, count - 1]) {
            var logits = random.floats(count)
            if count > 3 { logits[1] = .nan }
            logits[place] = 5
            if place + 1 < count { logits[count - 1] = 5 }
            let found = TokenWeights.largest(logits.span)
            #expect(found.token == place && found.logit == 5)
        }
        let nothing = TokenWeights.largest([Float](repeating: .nan, count: count).span)
        #expect(nothing.token == 0 && nothing.logit == -.infinity)
    }

    @Test(arguments: sizes)
    func `Weights are exponentials, and nothing for what has no probability`(count: Int) {
        var random = SeededGenerator(state: UInt64(count))
        var logits = random.floats(count).map { $0 * 20 }
        logits[count - 1] = 30
        if count > 3 { (logits[0], logits[1], logits[2]) = (-.infinity, .nan, -1000) }
        let found = change(logits) { TokenWeights.exponentiate(&$0, largest: 30, temperature: 0.7) }
        for (weight, logit) in zip(found, logits) {
            let expected = logit > -1000 ? exp((Double(logit) - 30) / 0.7) : 0
            #expect(abs(Double(weight) - expected) <= 1e-5 * expected + 1e-37)
        }
        #expect(found[count - 1] == 1)
    }

    @Test(arguments: sizes)
    func `Keeps what sorting would keep`(count: Int) {
        let all = weights(count)
        for keep in [1, 2, count / 3, count - 1, count, count + 5] where keep > 0 {
            #expect(change(all) { TokenWeights.keepLargest(keep, of: &$0) } == kept(all, keep), "\(keep) of \(count)")
        }
        let sorted = all.sorted(by: >)
        let total = all.reduce(0) { $0 + Double($1) }
        for share in [0.001, 0.3, 0.5, 0.9, 0.999] {
            var (mass, length) = (0.0, 0)
            while length < count, length == 0 || mass < share * total {
                mass += Double(sorted[length])
                length += 1
            }
            #expect(change(all) { TokenWeights.keepMass(share, of: &$0) } == kept(all, length), "\(share) of \(count)")
        }
        #expect(change(all) { TokenWeights.keep(atLeast: 0.5, of: &$0) } == all.map { $0 < 0.5 ? 0 : $0 })
    }

    @Test(arguments: sizes)
    func `Draws each token over its share of the line, and nothing else`(count: Int) throws {
        let all = weights(count)
        let total = all.reduce(0) { $0 + Double($1) }
        var start = 0.0
        for (token, weight) in all.enumerated() where weight > 0 {
            let middle = (start + Double(weight) / 2) / total
            start += Double(weight)
            // Weights too small for the rounding of the sum may give way to their neighbour.
            guard weight > 1e-3 else { continue }
            #expect(TokenWeights.draw(middle, from: all.span) == token)
        }
        let drawn = TokenWeights.draw(1 - 0x1p-53, from: all.span)
        let last = try #require(drawn)
        #expect(all[last] > 0)
        #expect(TokenWeights.draw(0.5, from: [Float](repeating: 0, count: count).span) == nil)
    }
}

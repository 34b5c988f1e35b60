import LaminaModel
import Testing

@testable import LaminaEngine

extension Sampler {
    /// The next token for a copy of `logits`.
    fileprivate mutating func sample(_ logits: [Float]) -> TokenID? {
        var copy = logits
        var span = copy.mutableSpan
        return sample(&span)
    }
}

struct SamplerTests {
    private func counts(_ parameters: SamplingParameters, _ logits: [Float], draws: Int = 20_000) -> [Int] {
        var sampler = Sampler(parameters, seed: 42)
        var counts = [Int](repeating: 0, count: logits.count)
        for _ in 0..<draws { if let token = sampler.sample(logits) { counts[Int(token)] += 1 } }
        return counts
    }

    @Test func `Temperature zero takes the most likely token, the first among equals`() {
        #expect(counts(.greedy, [1, 3, 3, 2], draws: 100) == [0, 100, 0, 0])
    }

    @Test func `Draws follow the softmax of logits over temperature`() {
        // Weights 1 : e : e² at temperature 2 of logits 0, 2, 4.
        let found = counts(SamplingParameters(temperature: 2), [0, 2, 4])
        let total = 1 + 2.71828 + 7.38906
        for (count, weight) in zip(found, [1, 2.71828, 7.38906]) {
            let expected = 20_000 * weight / total
            // Five standard deviations of a binomial count.
            #expect(abs(Double(count) - expected) < 5 * (expected * (1 - weight / total)).squareRoot())
        }
    }

    @Test func `Top-k keeps the k most likely`() {
        let found = counts(SamplingParameters(topK: 2), [1, 2, 0.5, 1.5, -1])
        #expect(found[0] == 0 && found[2] == 0 && found[4] == 0 && found[1] > found[3] && found[3] > 0)
        #expect(counts(SamplingParameters(topK: 1), [1, 2, 0.5], draws: 50) == [0, 50, 0])
    }

    @Test func `Top-p keeps the shortest head that holds the mass`() {
        // Probabilities 0.5, 0.3, 0.15, 0.05 in another order.
        let logits: [Float] = [-1.8971, -0.6931, -2.9957, -1.2040]
        let half = counts(SamplingParameters(topP: 0.5), logits)
        #expect(half[1] == 20_000)
        let most = counts(SamplingParameters(topP: 0.79), logits)
        #expect(most[0] == 0 && most[2] == 0 && most[1] > most[3] && most[3] > 0)
        let all = counts(SamplingParameters(topP: 0.9999), logits)
        #expect(all.allSatisfy { $0 > 0 })
    }

    @Test func `Top-p over a flat vocabulary keeps its share of it`() {
        // Nothing stands out: the fast path over near tokens must not cut the mass off.
        var logits = [Float](repeating: 0, count: 1000)
        logits[7] = 20
        let found = counts(SamplingParameters(temperature: 10, topP: 0.95), logits, draws: 2000)
        #expect(found.filter { $0 > 0 }.count > 600)
    }

    @Test func `Min-p drops what is far less likely than the best`() {
        let found = counts(SamplingParameters(minP: 0.3), [0, -1, -2, -5])
        #expect(found[0] > found[1] && found[1] > 0 && found[2] == 0 && found[3] == 0)
    }

    @Test func `The same seed gives the same tokens, another seed others`() {
        let logits = (0..<100).map { Float($0 % 7) }
        func draw(_ seed: UInt64) -> [TokenID] {
            var sampler = Sampler(SamplingParameters(seed: seed), seed: .random(in: 0...100))
            return (0..<50).compactMap { _ in sampler.sample(logits) }
        }
        #expect(draw(1) == draw(1))
        #expect(draw(1) != draw(2))
    }

    private static let filters: [SamplingParameters] = [
        .init(), .greedy, .init(topK: 2, topP: 0.5, minP: 0.1), .init(topP: 0.9), .init(minP: 0.1),
    ]

    @Test(arguments: [
        [-Float.infinity, -Float.infinity], [Float.nan, Float.nan], [Float.infinity, 0, Float.infinity],
    ])
    func `Where no logit is a number there is nothing to choose`(logits: [Float]) {
        for parameters in Self.filters {
            var sampler = Sampler(parameters, seed: 1)
            #expect(sampler.sample(logits) == nil)
        }
    }

    @Test(arguments: [[Float.nan, 1, Float.nan], [-Float.infinity, 1, -Float.infinity]])
    func `Tokens without a probability are never drawn`(logits: [Float]) {
        for parameters in Self.filters {
            var sampler = Sampler(parameters, seed: 1)
            for _ in 0..<50 { #expect(sampler.sample(logits) == 1) }
        }
    }

    @Test func `Min-p and top-p together keep what both keep`() {
        // Probabilities 0.5, 0.3, 0.15, 0.05: min-p 0.2 drops the last, top-p 0.8 of the rest keeps two.
        let logits: [Float] = [-0.6931, -1.2040, -1.8971, -2.9957]
        let found = counts(SamplingParameters(topP: 0.8, minP: 0.2), logits)
        #expect(found[0] > found[1] && found[1] > 0 && found[2] == 0 && found[3] == 0)
    }
}

import Foundation
import LaminaKernels
import Testing

@testable import LaminaModel

/// A transformer with a cache of its own, run one sequence at a time.
struct SingleSequence {
    let transformer: Transformer
    let vocabularySize: Int
    private let table: [Int32]
    private var position = 0

    init(
        path: String, cacheType: KVCacheType = .f16, threads: Int = 2, maximumTokens: Int = 512
    ) throws {
        let file = try GGUFFile(path: path)
        let configuration = try ModelConfiguration(file.header)
        let pool = try WorkerPool(threadCount: threads)
        let blockCount = configuration.contextLength / KVCache.blockSize
        let cache = try KVCache(
            type: cacheType, layers: configuration.layerCount, blockCount: blockCount, heads: configuration.kvHeadCount,
            headDimension: configuration.headDimension)
        transformer = try Transformer(
            configuration: configuration, weights: ModelWeights(file, configuration: configuration, pool: pool),
            cache: cache, pool: pool, maximumTokens: maximumTokens, maximumLogits: 4)
        vocabularySize = configuration.vocabularySize
        // Scattered on purpose: nothing may rely on blocks being neighbours.
        table = (0..<Int32(blockCount)).map { ($0 * 29) % Int32(blockCount) }
    }

    mutating func restart() { position = 0 }

    /// Log-probabilities after `tokens`, which follow those of earlier calls.
    mutating func advance(_ tokens: [TokenID]) -> [Double] {
        transformer.forward(
            ForwardBatch([.init(tokens: tokens, startPosition: position, blockTable: table, wantsLogits: true)]))
        position += tokens.count
        return transformer.withLogits(0) { logits in
            let values = logits.indices.map { Double(logits[$0]) }
            let largest = values.max() ?? 0
            let total = log(values.reduce(0) { $0 + exp($1 - largest) }) + largest
            return values.map { $0 - total }
        }
    }
}

struct TransformerGoldenTests {
    private struct Comparison {
        var differences: [Double] = []
        var mismatches: [String] = []
        var largest: Double { differences.max() ?? 0 }
        var mean: Double { differences.reduce(0, +) / Double(max(1, differences.count)) }
    }

    /// Follows the golden tokens; a mismatch is a greedy choice that differs where the golden margin exceeds `margin`.
    private func compare(
        _ kind: String, cacheType: KVCacheType = .f16, margin: Double
    ) throws -> Comparison {
        var comparison = Comparison()
        var sequence = try SingleSequence(path: GoldenFile.path(of: kind), cacheType: cacheType)
        for generation in try #require(GoldenFile.load().greedy[kind]) {
            sequence.restart()
            var input = generation.prompt_ids
            for (step, expected) in generation.ids.enumerated() {
                let found = sequence.advance(input)
                let best = TokenID(found.indices.max { found[$0] < found[$1] } ?? 0)
                var goldenMargin = Double.infinity
                if step < generation.top5.count {
                    let top = generation.top5[step]
                    for pair in top { comparison.differences.append(abs(found[Int(pair[0])] - pair[1])) }
                    goldenMargin = top[0][1] - top[1][1]
                } else {
                    // Beyond the recorded steps the margin is our own.
                    goldenMargin = found[Int(best)] - found[Int(expected)]
                }
                if best != expected, goldenMargin > margin {
                    comparison.mismatches.append("\(generation.prompt.debugDescription) step \(step): \(best)")
                }
                input = [expected]
            }
        }
        return comparison
    }

    @Test func `F16 chooses the golden tokens, log-probabilities within 0.02`() throws {
        let comparison = try compare("f16", margin: 0)
        print("F16: largest difference \(comparison.largest), mean \(comparison.mean)")
        #expect(comparison.mismatches == [])
        #expect(comparison.largest < 0.02)
    }

    @Test func `int8 keys and values choose the golden tokens where the margin is above 0.1`() throws {
        let comparison = try compare("f16", cacheType: .q8_0, margin: 0.1)
        print("F16, int8 keys and values: largest difference \(comparison.largest), mean \(comparison.mean)")
        #expect(comparison.mismatches == [])
        #expect(comparison.mean < 0.03)
        #expect(comparison.largest < 0.3)
    }

    @Test(arguments: ["q8_0", "q4_0"])
    func `Quantized models choose the golden tokens where the margin is above 0.1`(kind: String) throws {
        let comparison = try compare(kind, margin: 0.1)
        print("\(kind): largest difference \(comparison.largest), mean \(comparison.mean)")
        #expect(comparison.mismatches == [])
        #expect(comparison.mean < 0.03)
        #expect(comparison.largest < 0.3)
    }

    @Test(arguments: ["f16", "q8_0", "q4_0"])
    func `Results do not depend on how the prompt is cut into steps, nor on threads`(kind: String) throws {
        let generation = try #require(GoldenFile.load().greedy[kind]?.max { $0.prompt_ids.count < $1.prompt_ids.count })
        let tokens = generation.prompt_ids + generation.ids
        var whole = try SingleSequence(path: GoldenFile.path(of: kind))
        let expected = whole.advance(tokens)
        for (size, threads) in [(1, 1), (3, 2), (16, 3), (17, 1)] {
            var pieces = try SingleSequence(path: GoldenFile.path(of: kind), threads: threads)
            var last: [Double] = []
            for start in stride(from: 0, to: tokens.count, by: size) {
                last = pieces.advance(Array(tokens[start..<min(start + size, tokens.count)]))
            }
            #expect(last == expected, "pieces of \(size)")
        }
    }

    @Test func `Sequences of one batch do not touch each other`() throws {
        let golden = try #require(GoldenFile.load().greedy["q8_0"])
        let prompts = golden.prefix(4).map(\.prompt_ids)
        var single = try SingleSequence(path: GoldenFile.path(of: "q8_0"))
        let alone = prompts.map { prompt in
            single.restart()
            _ = single.advance(prompt)
            return single.transformer.withLogits(0) { logits in logits.indices.map { logits[$0] } }
        }
        let together = try SingleSequence(path: GoldenFile.path(of: "q8_0")).transformer
        let slices = prompts.enumerated().map { index, prompt in
            ForwardBatch.Slice(
                tokens: prompt, startPosition: 0, blockTable: (0..<8).map { Int32(index + 4 * $0) }, wantsLogits: true)
        }
        together.forward(ForwardBatch(slices))
        for index in prompts.indices {
            let found = together.withLogits(index) { logits in logits.indices.map { logits[$0] } }
            #expect(found == alone[index], "prompt \(index)")
        }
    }
}

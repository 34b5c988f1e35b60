import LaminaKernels
package import LaminaModel

/// Measures a model's forward pass alone, as llama-bench does: a prompt computed in steps, then tokens one by one.
package final class SpeedTest {
    /// Tokens and the time they took.
    package struct Sample: Sendable, Equatable {
        /// Tokens computed.
        package let tokens: Int
        /// Time they took.
        package let duration: Duration

        /// Tokens per second.
        package var rate: Double { Double(tokens) / (duration / .seconds(1)) }
    }

    private let transformer: Transformer
    private let vocabularySize: Int
    private let blockTable: [Int32]
    private let clock = ContinuousClock()
    /// Threads that compute.
    package let threadCount: Int
    /// Where the memory goes.
    package let plan: MemoryPlan
    /// Weights in all tensors.
    package let parameterCount: Int
    /// What the threads can read from memory, measured just before the model was loaded; bytes per second.
    package let readBandwidth: Double

    /// Bytes read to measure the bandwidth: far beyond any cache.
    private static let bandwidthBytes = 1 << 30

    /// Measures the memory, then loads the model with room for one sequence of `contextLength` tokens.
    package init(_ file: ModelFile, options: ServedModel.Options, resources: SystemResources) throws {
        readBandwidth = try Self.readBandwidth(
            threadCount: options.threadCount ?? resources.processorCount, resources: resources)
        let loaded = try LoadedModel(file, options: options, resources: resources) { _ in }
        transformer = loaded.transformer
        threadCount = loaded.threadCount
        plan = loaded.plan
        parameterCount = loaded.parameterCount
        vocabularySize = file.configuration.vocabularySize
        blockTable = (0..<Int32(loaded.plan.blockCount)).map { $0 }
    }

    /// What `threadCount` threads together can read from memory, in bytes per second. Takes about a second.
    package static func readBandwidth(threadCount: Int, resources: SystemResources) throws -> Double {
        try ReadBandwidth.measure(
            pool: WorkerPool(threadCount: threadCount),
            byteCount: min(bandwidthBytes, resources.availableMemoryBytes / 4))
    }

    /// Fills the context with `tokens` tokens, which tests at that depth then go on from.
    package func fill(tokens: Int) { advance(self.tokens(tokens), from: 0) }

    /// Time to compute a prompt of `tokens` tokens behind `depth` tokens of context.
    package func prefill(tokens: Int, depth: Int = 0) -> Sample {
        let prompt = self.tokens(tokens)
        let duration = clock.measure { advance(prompt, from: depth) }
        return Sample(tokens: tokens, duration: duration)
    }

    /// Time to compute `tokens` tokens one after the other behind `depth` tokens of context.
    package func decode(tokens: Int, depth: Int = 0) -> Sample {
        let sequence = self.tokens(tokens)
        let duration = clock.measure {
            for (position, token) in sequence.enumerated() { advance([token], from: depth + position) }
        }
        return Sample(tokens: tokens, duration: duration)
    }

    /// Bytes that decoding `tokens` tokens behind `depth` reads for each of them on average.
    package func bytesPerToken(tokens: Int, depth: Int) -> Double {
        plan.bytesPerStep(positions: Double(depth) + Double(tokens + 1) / 2)
    }

    private func advance(_ tokens: [TokenID], from start: Int) {
        for offset in stride(from: 0, to: tokens.count, by: transformer.maximumTokens) {
            let end = min(offset + transformer.maximumTokens, tokens.count)
            transformer.forward(
                ForwardBatch([
                    .init(
                        tokens: Array(tokens[offset..<end]), startPosition: start + offset, blockTable: blockTable,
                        wantsLogits: end == tokens.count)
                ]))
        }
    }

    /// Any tokens do: speed does not depend on them.
    private func tokens(_ count: Int) -> [TokenID] { (0..<count).map { TokenID($0 * 7919 % vocabularySize) } }
}

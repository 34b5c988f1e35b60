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

    /// Loads the model with room for one sequence of `contextLength` tokens.
    package init(_ file: ModelFile, options: ServedModel.Options, resources: SystemResources) throws {
        let loaded = try LoadedModel(file, options: options, resources: resources) { _ in }
        transformer = loaded.transformer
        threadCount = loaded.threadCount
        plan = loaded.plan
        parameterCount = loaded.parameterCount
        vocabularySize = file.configuration.vocabularySize
        blockTable = (0..<Int32(loaded.plan.blockCount)).map { $0 }
    }

    /// Time to compute a prompt of `tokens` tokens.
    package func prefill(tokens: Int) -> Sample {
        let prompt = self.tokens(tokens)
        let duration = clock.measure { advance(prompt, from: 0) }
        return Sample(tokens: tokens, duration: duration)
    }

    /// Time to compute `tokens` tokens one after the other from an empty context.
    package func decode(tokens: Int) -> Sample {
        let sequence = self.tokens(tokens)
        let duration = clock.measure {
            for (position, token) in sequence.enumerated() { advance([token], from: position) }
        }
        return Sample(tokens: tokens, duration: duration)
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

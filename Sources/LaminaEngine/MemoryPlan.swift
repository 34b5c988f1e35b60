package import LaminaKernels
package import LaminaModel

/// How the memory of a model is divided: weights, KV cache, activations. Made before anything large is allocated.
package struct MemoryPlan: Sendable, Equatable {
    /// Repacked weights.
    package let weightBytes: Int
    /// Keys and values of all blocks.
    package let cacheBytes: Int
    /// How keys and values are kept.
    package let cacheType: KVCacheType
    /// Activations of a step.
    package let scratchBytes: Int
    /// Blocks of the KV cache.
    package let blockCount: Int
    /// Tokens of prompt and answer together: the model's context, or less where asked for or where the cache holds less.
    package let contextLength: Int

    /// All of it.
    package var totalBytes: Int { weightBytes + cacheBytes + scratchBytes }

    /// Bytes that a step reads in which each of `sequences` gets its next token behind `positions` tokens: all weights once, of the
    /// embedding only what the output needs, and every sequence's own keys and values.
    package func bytesPerStep(sequences: Int = 1, positions: Double) -> Double {
        let bytesPerPosition = Double(cacheBytes) / Double(max(1, blockCount * KVCache.blockSize))
        return Double(weightBytes) + Double(sequences) * bytesPerPosition * positions
    }

    /// What an operator asks for; nil leaves it to the plan.
    package struct Wishes: Sendable, Equatable {
        /// Most tokens of prompt and answer together.
        package var contextLength: Int?
        /// Memory for keys and values.
        package var cacheBytes: Int?
        /// How keys and values are kept.
        package var cacheType: KVCacheType
        /// Sequences computed together.
        package var maximumSequences: Int
        /// Tokens of one step, at least what that many sequences need.
        package var maximumStepTokens: Int {
            EngineLimits.stepTokens(wantedStepTokens, sequences: maximumSequences)
        }

        private let wantedStepTokens: Int

        /// Leaves to the plan what is nil.
        package init(
            contextLength: Int? = nil, cacheBytes: Int? = nil, cacheType: KVCacheType = .f16,
            maximumSequences: Int = EngineLimits.Default.sequences,
            maximumStepTokens: Int = EngineLimits.Default.stepTokens
        ) {
            self.contextLength = contextLength
            self.cacheBytes = cacheBytes
            self.cacheType = cacheType
            self.maximumSequences = max(1, maximumSequences)
            wantedStepTokens = maximumStepTokens
        }
    }

    /// The share of the memory that is left beside weights and activations which keys and values may take unasked.
    private static let cacheShare = 0.5
    /// Tokens below which no conversation fits.
    private static let minimumContext = 256

    /// - Parameters:
    ///   - weightBytes: size of the repacked weights.
    ///   - threadCount: threads that compute.
    ///   - availableBytes: memory that can be had.
    package init(
        configuration: ModelConfiguration, weightBytes: Int, wishes: Wishes, threadCount: Int, availableBytes: Int
    ) throws(MemoryPlanError) {
        self.weightBytes = weightBytes
        cacheType = wishes.cacheType
        let wanted = min(wishes.contextLength ?? .max, configuration.contextLength)
        scratchBytes =
            Self.scratchBytes(configuration, wishes)
            + PagedAttention.scratchBytes(
                headCount: configuration.headCount, kvHeadCount: configuration.kvHeadCount,
                headDimension: configuration.headDimension,
                contextLength: wanted, threadCount: threadCount)
        let blockBytes = KVCache.bytesPerBlock(
            type: wishes.cacheType, layers: configuration.layerCount, heads: configuration.kvHeadCount,
            headDimension: configuration.headDimension)
        let blocksPerContext = (wanted + KVCache.blockSize - 1) / KVCache.blockSize
        let rest = availableBytes - weightBytes - scratchBytes
        let allowed = wishes.cacheBytes ?? Int(Double(max(0, rest)) * Self.cacheShare)
        blockCount = min(allowed / blockBytes, wishes.maximumSequences * blocksPerContext)
        cacheBytes = blockCount * blockBytes
        guard weightBytes + scratchBytes + max(cacheBytes, blockBytes) <= availableBytes else {
            throw .doesNotFit(
                weightBytes: weightBytes, cacheBytes: max(cacheBytes, blockBytes), scratchBytes: scratchBytes,
                availableBytes: availableBytes)
        }
        let room = blockCount * KVCache.blockSize
        if let asked = wishes.contextLength, room < wanted {
            throw .contextDoesNotFit(
                contextLength: asked, cacheBytes: blocksPerContext * blockBytes, allowedBytes: allowed)
        }
        // Sequences take blocks as they grow, so a context may be as long as the whole cache: only one that fills it has it alone.
        contextLength = wishes.contextLength == nil ? min(wanted, max(room, min(wanted, Self.minimumContext))) : wanted
        guard room >= contextLength else {
            throw .cacheTooSmall(
                cacheBytes: allowed, tokens: room,
                neededBytes: (contextLength + KVCache.blockSize - 1) / KVCache.blockSize * blockBytes)
        }
    }

    /// What `Transformer` allocates: rows of floats per token, and logits per sequence.
    private static func scratchBytes(_ c: ModelConfiguration, _ wishes: Wishes) -> Int {
        let queries = c.headCount * c.headDimension
        // Floats, and for rows that get quantized a byte and three floats per 32 more.
        let plain =
            c.embeddingLength + queries + 2 * c.kvHeadCount * c.headDimension + 2 * c.feedForwardLength
            + 2 * c.ropeDimension
        let quantized = c.embeddingLength + queries + c.feedForwardLength
        let perToken = 4 * (plain + quantized) + quantized + quantized * 3 / 8
        return wishes.maximumStepTokens * perToken
            + wishes.maximumSequences * (4 * c.vocabularySize + 6 * c.embeddingLength)
    }
}

/// Why a model does not fit, with the arithmetic.
package enum MemoryPlanError: Error, Equatable, CustomStringConvertible {
    /// Weights, cache and activations together exceed what there is.
    case doesNotFit(weightBytes: Int, cacheBytes: Int, scratchBytes: Int, availableBytes: Int)
    /// The cache holds too few tokens for any conversation.
    case cacheTooSmall(cacheBytes: Int, tokens: Int, neededBytes: Int)
    /// The context asked for needs more memory for keys and values than there is.
    case contextDoesNotFit(contextLength: Int, cacheBytes: Int, allowedBytes: Int)

    package var description: String {
        switch self {
        case .doesNotFit(let weights, let cache, let scratch, let available):
            "the model does not fit into memory: weights \(ByteCount(weights)) + KV cache \(ByteCount(cache)) "
                + "+ activations \(ByteCount(scratch)) = \(ByteCount(weights + cache + scratch)), but "
                + "\(ByteCount(available)) are available. Use a smaller or more strongly quantized model, "
                + "lower --kv-cache-memory or --max-sequences, or raise the memory limit"
        case .cacheTooSmall(let cache, let tokens, let needed):
            "\(ByteCount(cache)) for keys and values hold \(tokens) tokens; at least \(ByteCount(needed)) are needed. "
                + "Raise --kv-cache-memory or the memory limit"
        case .contextDoesNotFit(let context, let cache, let allowed):
            "--max-context \(context) needs \(ByteCount(cache)) for keys and values, but \(ByteCount(allowed)) are "
                + "set aside for them. Lower --max-context or raise --kv-cache-memory"
        }
    }
}

/// A number of bytes as people read it.
package struct ByteCount: CustomStringConvertible, Sendable {
    private let count: Int

    /// `count` bytes.
    package init(_ count: Int) { self.count = count }

    package var description: String {
        let units: [(String, Double)] = [("GiB", 0x1p30), ("MiB", 0x1p20), ("KiB", 0x1p10)]
        for (name, size) in units where Double(count) >= size {
            let tenths = Int((Double(count) / size * 10).rounded())
            return "\(tenths / 10).\(tenths % 10) \(name)"
        }
        return "\(count) B"
    }
}

/// The dimensions of a Llama-architecture transformer, read from a GGUF file's metadata and checked.
package struct ModelConfiguration: Sendable, Equatable {
    /// Architectures that can be run, as `general.architecture` names them.
    package static let supportedArchitectures = ["llama"]

    /// `general.name`, or the architecture's name; safe to print.
    package let name: String
    /// `general.architecture`.
    package let architecture: String
    /// Tokens the model was trained to attend over.
    package let contextLength: Int
    /// Width of the residual stream.
    package let embeddingLength: Int
    /// Transformer layers.
    package let layerCount: Int
    /// Width of the feed-forward network.
    package let feedForwardLength: Int
    /// Query heads.
    package let headCount: Int
    /// Key/value heads; query heads share them in equal groups.
    package let kvHeadCount: Int
    /// Dimensions of one head; a multiple of 8.
    package let headDimension: Int
    /// Leading dimensions of a head that rotary embedding turns.
    package let ropeDimension: Int
    /// Base of the rotary frequencies (theta).
    package let ropeBase: Double
    /// Factor on positions: 1 / factor under linear scaling.
    package let ropePositionScale: Double
    /// Epsilon of the root mean square norms.
    package let normEpsilon: Float
    /// Tokens of the vocabulary.
    package let vocabularySize: Int
    /// Sampling defaults the model's makers recommend (`general.sampling.*`).
    package let recommendedSampling: RecommendedSampling

    /// `general.sampling.*`: what a request gets that names no value of its own.
    package struct RecommendedSampling: Sendable, Equatable {
        /// Temperature; 0 is greedy.
        package var temperature: Float?
        /// Number of tokens kept.
        package var topK: Int?
        /// Probability mass kept.
        package var topP: Float?
        /// Share of the largest probability below which tokens are dropped.
        package var minP: Float?
    }

    /// Limits far above any real model, so that products of dimensions cannot overflow.
    enum Limits {
        static let dimension = 1 << 20
        static let layers = 4096
        static let context = 1 << 24
    }

    /// - Throws: `ModelError` where the metadata is not that of a model this server runs; `GGUFError` for values of the wrong type.
    package init(_ file: GGUFHeader) throws {
        let reader = try MetadataReader(file)
        architecture = reader.architecture
        name = printable(try file.metadata.string("general.name") ?? reader.architecture)
        contextLength = try reader.required("context_length", 1...Limits.context)
        embeddingLength = try reader.required("embedding_length", 1...Limits.dimension)
        layerCount = try reader.required("block_count", 1...Limits.layers)
        feedForwardLength = try reader.required("feed_forward_length", 1...Limits.dimension)
        headCount = try reader.required("attention.head_count", 1...Limits.dimension)
        kvHeadCount = try reader.optional("attention.head_count_kv", 1...Limits.dimension) ?? headCount
        let keyLength = try reader.optional("attention.key_length", 1...Limits.dimension)
        headDimension = keyLength ?? embeddingLength / headCount
        ropeDimension = try reader.optional("rope.dimension_count", 1...Limits.dimension) ?? headDimension
        ropeBase = try reader.positive("rope.freq_base") ?? 10_000
        ropePositionScale = try Self.positionScale(reader)
        normEpsilon = Float(try reader.positive("attention.layer_norm_rms_epsilon") ?? 1e-5)
        let tokens = try file.metadata.strings("tokenizer.ggml.tokens")?.count
        guard let vocabulary = try reader.optional("vocab_size", 1...Limits.context) ?? tokens else {
            throw ModelError.missingMetadata(path: file.path, key: "tokenizer.ggml.tokens")
        }
        vocabularySize = vocabulary
        recommendedSampling = try RecommendedSampling(
            temperature: file.metadata.float("general.sampling.temp"),
            topK: file.metadata.int("general.sampling.top_k"),
            topP: file.metadata.float("general.sampling.top_p"),
            minP: file.metadata.float("general.sampling.min_p"))
        try check(reader)
    }

    private static func positionScale(_ reader: MetadataReader) throws -> Double {
        let kind = try reader.file.metadata.string(reader.key("rope.scaling.type")) ?? "none"
        switch kind {
        case "none": return 1
        case "linear": return 1 / (try reader.positive("rope.scaling.factor") ?? 1)
        default:
            throw reader.invalid(
                "rope.scaling.type", found: "\"\(printable(kind))\"", allowed: "\"none\" or \"linear\"")
        }
    }

    private func check(_ reader: MetadataReader) throws {
        guard headCount % kvHeadCount == 0 else {
            throw reader.invalid("attention.head_count_kv", found: kvHeadCount, allowed: "a divisor of \(headCount)")
        }
        guard headDimension > 0, headDimension % 8 == 0 else {
            throw reader.invalid("attention.key_length", found: headDimension, allowed: "a multiple of 8")
        }
        if let valueLength = try reader.optional("attention.value_length", 1...Limits.dimension),
            valueLength != headDimension
        {
            throw reader.invalid(
                "attention.value_length", found: valueLength, allowed: "the key length \(headDimension)")
        }
        guard ropeDimension % 2 == 0, ropeDimension <= headDimension else {
            throw reader.invalid("rope.dimension_count", found: ropeDimension, allowed: "even, up to \(headDimension)")
        }
        if let experts = try reader.optional("expert_count", 0...Limits.dimension), experts > 0 {
            throw reader.invalid("expert_count", found: experts, allowed: "0 (mixtures of experts are not supported)")
        }
    }
}

/// Reads an architecture's own keys (`llama.context_length`) within ranges.
private struct MetadataReader {
    let file: GGUFHeader
    let architecture: String

    init(_ file: GGUFHeader) throws {
        self.file = file
        guard let architecture = try file.metadata.string("general.architecture") else {
            throw ModelError.missingMetadata(path: file.path, key: "general.architecture")
        }
        guard ModelConfiguration.supportedArchitectures.contains(architecture) else {
            throw ModelError.unsupportedArchitecture(
                path: file.path, found: printable(architecture), supported: ModelConfiguration.supportedArchitectures)
        }
        self.architecture = architecture
    }

    func key(_ name: String) -> String { "\(architecture).\(name)" }

    func required(_ name: String, _ range: ClosedRange<Int>) throws -> Int {
        guard let value = try optional(name, range) else {
            throw ModelError.missingMetadata(path: file.path, key: key(name))
        }
        return value
    }

    func optional(_ name: String, _ range: ClosedRange<Int>) throws -> Int? {
        guard let value = try file.metadata.int(key(name)) else { return nil }
        guard range.contains(value) else {
            throw invalid(name, found: value, allowed: "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    func positive(_ name: String) throws -> Double? {
        guard let value = try file.metadata.float(key(name)) else { return nil }
        guard value.isFinite, value > 0 else { throw invalid(name, found: value, allowed: "a number above 0") }
        return Double(value)
    }

    func invalid(_ name: String, found: some CustomStringConvertible, allowed: String) -> ModelError {
        .invalidMetadata(path: file.path, key: key(name), found: "\(found)", allowed: allowed)
    }
}

internal import LaminaKernels

/// Takes tensors out of a file by name, checks their shapes, repacks them, and remembers which it took.
struct WeightLoader {
    private let file: GGUFFile
    private let configuration: ModelConfiguration
    private let pool: WorkerPool
    private let progress: (Double) -> Void
    private var taken: Set<String> = []
    private var bytesDone = 0

    init(
        file: GGUFFile, configuration: ModelConfiguration, pool: WorkerPool, progress: @escaping (Double) -> Void
    ) {
        self.file = file
        self.configuration = configuration
        self.pool = pool
        self.progress = progress
    }

    /// The token embedding, and the output matrix: its own, or the embedding again where they are tied.
    mutating func embeddingAndOutput() throws -> (EmbeddingTable, PackedMatrix) {
        let (rows, columns) = (configuration.vocabularySize, configuration.embeddingLength)
        let name = "token_embd.weight"
        let (tensor, type) = try take(name, shape: [columns, rows])
        guard let source = file.bytes(of: tensor).baseAddress else {
            throw GGUFError.missingTensor(path: file.path, name: name)
        }
        let table = EmbeddingTable(type: type, rows: rows, columns: columns, source: source, owner: file)
        let isTied = file.tensor(named: "output.weight") == nil
        return (table, try matrix(isTied ? name : "output.weight", rows: rows, columns: columns))
    }

    mutating func layer(_ index: Int) throws -> ModelWeights.Layer {
        let c = configuration
        let (queries, keys) = (c.headCount * c.headDimension, c.kvHeadCount * c.headDimension)
        let (embedding, hidden) = (c.embeddingLength, c.feedForwardLength)
        func name(_ part: String) -> String { "blk.\(index).\(part).weight" }
        return ModelWeights.Layer(
            attentionNorm: try norm(name("attn_norm")),
            query: try matrix(name("attn_q"), rows: queries, columns: embedding),
            key: try matrix(name("attn_k"), rows: keys, columns: embedding),
            value: try matrix(name("attn_v"), rows: keys, columns: embedding),
            attentionOutput: try matrix(name("attn_output"), rows: embedding, columns: queries),
            feedForwardNorm: try norm(name("ffn_norm")),
            gate: try matrix(name("ffn_gate"), rows: hidden, columns: embedding),
            up: try matrix(name("ffn_up"), rows: hidden, columns: embedding),
            down: try matrix(name("ffn_down"), rows: embedding, columns: hidden))
    }

    mutating func norm(_ name: String) throws -> RMSNorm {
        RMSNorm(
            weight: try floats(name, count: configuration.embeddingLength), epsilon: configuration.normEpsilon)
    }

    /// With the frequency factors of `rope_freqs.weight` where the file has them (Llama 3.1 and later).
    mutating func rotaryEmbedding() throws -> RotaryEmbedding {
        let name = "rope_freqs.weight"
        let dimension = configuration.ropeDimension
        let factors = file.tensor(named: name) == nil ? [] : try floats(name, count: dimension / 2)
        guard factors.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw ModelError.invalidMetadata(
                path: file.path, key: name, found: "a factor that is not above 0", allowed: "positive numbers")
        }
        return RotaryEmbedding(
            dimension: dimension, base: configuration.ropeBase, factors: factors,
            positionScale: configuration.ropePositionScale)
    }

    /// Refuses a file with tensors no part of the model has asked for, such as biases: its answers would be wrong.
    func checkNothingIsLeft() throws {
        let unused = file.tensors.map(\.name).filter { !taken.contains($0) }
        guard unused.isEmpty else {
            throw ModelError.unusedTensors(path: file.path, names: unused.map { printable($0) })
        }
    }

    private mutating func matrix(_ name: String, rows: Int, columns: Int) throws -> PackedMatrix {
        let (tensor, type) = try take(name, shape: [columns, rows])
        let packed = try file.withBytes(of: tensor) { bytes in
            guard let source = bytes.baseAddress else {
                throw GGUFError.missingTensor(path: file.path, name: name) as any Error
            }
            return try PackedMatrix(rows: rows, columns: columns, type: type, source: source, pool: pool)
        }
        // The packed copy is what is used; giving up each original keeps the peak at the weights and one tensor.
        file.releasePages(of: tensor)
        bytesDone += tensor.byteCount
        progress(min(1, Double(bytesDone) / Double(max(1, file.sizeBytes - file.tensorDataOffset))))
        return packed
    }

    private mutating func floats(_ name: String, count: Int) throws -> [Float] {
        let (tensor, type) = try take(name, shape: [count])
        var values = [Float](repeating: 0, count: count)
        file.withBytes(of: tensor) { bytes in
            guard let source = bytes.baseAddress else { return }
            RowDecoder.decode(type, source, columns: count, into: &values)
        }
        return values
    }

    private mutating func take(_ name: String, shape: [Int]) throws -> (GGUFTensor, WeightType) {
        let tensor = try file.requireTensor(named: name)
        guard let type = WeightType(tensor.type) else {
            throw GGUFError.unsupportedTensorType(path: file.path, tensor: name, type: tensor.type)
        }
        // Trailing dimensions of 1 say nothing.
        var found = tensor.shape
        while found.count > shape.count, found.last == 1 { found.removeLast() }
        guard found == shape else {
            throw ModelError.unexpectedShape(path: file.path, tensor: name, expected: shape, found: tensor.shape)
        }
        taken.insert(name)
        return (tensor, type)
    }
}

extension WeightType {
    /// The kernels' encoding of a file's tensor type, nil where there is none.
    init?(_ type: GGUFTensorType) {
        switch type {
        case .f32: self = .f32
        case .f16: self = .f16
        case .bf16: self = .bf16
        case .q8_0: self = .q8_0
        case .q4_0: self = .q4_0
        case .q4_K: self = .q4_K
        case .q5_K: self = .q5_K
        case .q6_K: self = .q6_K
        default: return nil
        }
    }
}

package import LaminaKernels

/// A model's weights, repacked for the kernels.
package struct ModelWeights {
    /// One transformer layer.
    struct Layer {
        let attentionNorm: RMSNorm
        let query: PackedMatrix  // [heads · headDimension, embedding]
        let key: PackedMatrix  // [kvHeads · headDimension, embedding]
        let value: PackedMatrix  // [kvHeads · headDimension, embedding]
        let attentionOutput: PackedMatrix  // [embedding, heads · headDimension]
        let feedForwardNorm: RMSNorm
        let gate: PackedMatrix  // [feedForward, embedding]
        let up: PackedMatrix  // [feedForward, embedding]
        let down: PackedMatrix  // [embedding, feedForward]
    }

    let embedding: EmbeddingTable
    let layers: [Layer]
    let outputNorm: RMSNorm
    let output: PackedMatrix  // [vocabulary, embedding]
    let rope: RotaryEmbedding
    /// Weights in all tensors.
    package let parameterCount: Int

    /// Repacks the weights of `file`.
    /// - Parameter progress: told the share done, 0...1, after each tensor.
    /// - Throws: `ModelError`, `GGUFError` or `KernelError`.
    package init(
        _ file: GGUFFile, configuration: ModelConfiguration, pool: WorkerPool,
        progress: @escaping (Double) -> Void = { _ in }
    ) throws {
        var loader = WeightLoader(file: file, configuration: configuration, pool: pool, progress: progress)
        (self.embedding, self.output) = try loader.embeddingAndOutput()
        layers = try (0..<configuration.layerCount).map { try loader.layer($0) }
        outputNorm = try loader.norm("output_norm.weight")
        rope = try loader.rotaryEmbedding()
        try loader.checkNothingIsLeft()
        parameterCount = file.tensors.reduce(0) { $0 + $1.elementCount }
    }
}

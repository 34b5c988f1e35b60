package import LaminaKernels

/// The forward pass of a Llama-architecture model (Touvron et al. 2023) over a paged KV cache.
///
/// A row of activations depends only on its own sequence, bit for bit: every kernel adds up in an order that does not
/// change with the batch.
package final class Transformer {
    private let configuration: ModelConfiguration
    private let weights: ModelWeights
    private let cache: KVCache
    private let pagedAttention: PagedAttention
    private let pool: WorkerPool
    /// Most tokens `forward` takes in one step.
    package let maximumTokens: Int
    /// Most slices of a step that may ask for logits.
    package let maximumLogits: Int

    // Activations of one step.
    private let residual: FloatRows  // [tokens, embedding]
    private let normed: Activations  // [tokens, embedding]
    private let queries: FloatRows  // [tokens, heads · headDimension]
    private let keys: FloatRows  // [tokens, kvHeads · headDimension]
    private let values: FloatRows  // [tokens, kvHeads · headDimension]
    private let attention: Activations  // [tokens, heads · headDimension]
    private let gate: FloatRows  // [tokens, feedForward]
    private let up: FloatRows  // [tokens, feedForward]
    private let hidden: Activations  // [tokens, feedForward]
    private let ropeTables: FloatRows  // [tokens, 2 · ropeDimension]
    private let lastNormed: Activations  // [logits, embedding]
    private let logits: FloatRows  // [logits, vocabulary]

    /// Allocates the activations of a step of at most `maximumTokens` tokens and `maximumLogits` rows of logits.
    package init(
        configuration c: ModelConfiguration, weights: ModelWeights, cache: KVCache, pool: WorkerPool,
        maximumTokens: Int, maximumLogits: Int
    ) throws {
        configuration = c
        self.weights = weights
        self.cache = cache
        pagedAttention = try PagedAttention(
            cache: cache, headCount: c.headCount, contextLength: cache.blockCount * KVCache.blockSize, pool: pool)
        self.pool = pool
        self.maximumTokens = maximumTokens
        self.maximumLogits = maximumLogits
        let (queryWidth, keyWidth) = (c.headCount * c.headDimension, c.kvHeadCount * c.headDimension)
        residual = try FloatRows(capacity: maximumTokens, columns: c.embeddingLength)
        normed = try Activations(capacity: maximumTokens, columns: c.embeddingLength)
        queries = try FloatRows(capacity: maximumTokens, columns: queryWidth)
        keys = try FloatRows(capacity: maximumTokens, columns: keyWidth)
        values = try FloatRows(capacity: maximumTokens, columns: keyWidth)
        attention = try Activations(capacity: maximumTokens, columns: queryWidth)
        gate = try FloatRows(capacity: maximumTokens, columns: c.feedForwardLength)
        up = try FloatRows(capacity: maximumTokens, columns: c.feedForwardLength)
        hidden = try Activations(capacity: maximumTokens, columns: c.feedForwardLength)
        ropeTables = try FloatRows(capacity: maximumTokens, columns: weights.rope.tableWidth)
        lastNormed = try Activations(capacity: maximumLogits, columns: c.embeddingLength)
        logits = try FloatRows(capacity: maximumLogits, columns: c.vocabularySize)
    }

    /// Runs all tokens of `batch` through the model and stores their keys and values.
    /// The logits of the slices that want them are then read by `withLogits`, in the slices' order.
    package func forward(_ batch: ForwardBatch) {
        precondition(batch.tokenCount <= maximumTokens, "the batch is larger than its buffers")
        let wanted = lastRows(of: batch)
        precondition(wanted.count <= maximumLogits, "more logits than their buffer holds")
        let places = embed(batch)
        weights.rope.fillTables(places, into: ropeTables)
        let plan = pagedAttention.plan(places)
        for (index, layer) in weights.layers.enumerated() {
            attend(layer, index, places, plan)
            feedForward(layer, rowCount: places.count)
        }
        guard !wanted.isEmpty else { return }
        weights.outputNorm.run(
            residual, sourceRow: { wanted[$0] }, into: lastNormed, rowCount: wanted.count,
            isQuantized: weights.output.type.takesQuantizedActivations, pool: pool)
        MatrixProduct.run(
            [MatrixProduct(weights.output, output: logits)], activations: lastNormed, rowCount: wanted.count,
            pool: pool)
    }

    /// The logits [vocabulary] of the `index`-th slice that asked for them in the last step.
    package func withLogits<Result>(_ index: Int, _ body: (Span<Float>) throws -> Result) rethrows -> Result {
        try logits.withRow(index, body)
    }

    /// Calls `body` with the index and the logits [vocabulary] of the first `count` slices that asked for them in the last step, on
    /// several threads; it may overwrite them.
    package func forEachLogits(_ count: Int, _ body: (Int, inout MutableSpan<Float>) -> Void) {
        precondition(count <= maximumLogits, "more logits than their buffer holds")
        pool.run(count: count) { rows in
            for index in rows { logits.withMutableRow(index) { body(index, &$0) } }
        }
    }

    /// Fills the residual stream with token embeddings; says where each row stands.
    private func embed(_ batch: ForwardBatch) -> PagedBatch {
        var places = PagedBatch()
        for slice in batch.slices {
            for (offset, token) in slice.tokens.enumerated() {
                weights.embedding.copy(row: Int(token), into: residual, at: places.count + offset)
            }
            let end = slice.startPosition + slice.tokens.count
            places.append(positions: slice.startPosition..<end, table: slice.blockTable)
        }
        return places
    }

    /// residual += Wo · attention(rope(Wq·x), rope(Wk·x), Wv·x), x = norm(residual)
    private func attend(_ layer: ModelWeights.Layer, _ index: Int, _ places: PagedBatch, _ plan: AttentionPlan) {
        let rows = places.count
        let inputs = [layer.query, layer.key, layer.value]
        layer.attentionNorm.run(
            residual, into: normed, rowCount: rows, isQuantized: inputs.takeQuantizedActivations, pool: pool)
        MatrixProduct.run(
            [
                MatrixProduct(layer.query, output: queries), MatrixProduct(layer.key, output: keys),
                MatrixProduct(layer.value, output: values),
            ], activations: normed, rowCount: rows, pool: pool)
        weights.rope.rotateAndStore(
            queries: queries, keys: keys, values: values, tables: ropeTables, batch: places, layer: index,
            cache: cache, pool: pool)
        pagedAttention.run(
            queries: queries, batch: places, plan: plan, layer: index, into: attention,
            isQuantized: layer.attentionOutput.type.takesQuantizedActivations)
        MatrixProduct.run(
            [MatrixProduct(layer.attentionOutput, output: residual, isAdded: true)], activations: attention,
            rowCount: rows, pool: pool)
    }

    /// residual += Wdown · (silu(Wgate·x) · (Wup·x)), x = norm(residual)
    private func feedForward(_ layer: ModelWeights.Layer, rowCount rows: Int) {
        layer.feedForwardNorm.run(
            residual, into: normed, rowCount: rows, isQuantized: [layer.gate, layer.up].takeQuantizedActivations,
            pool: pool)
        MatrixProduct.run(
            [MatrixProduct(layer.gate, output: gate), MatrixProduct(layer.up, output: up)], activations: normed,
            rowCount: rows, pool: pool)
        SwiGLU.run(
            gate: gate, up: up, into: hidden, rowCount: rows,
            isQuantized: layer.down.type.takesQuantizedActivations, pool: pool)
        MatrixProduct.run(
            [MatrixProduct(layer.down, output: residual, isAdded: true)], activations: hidden, rowCount: rows,
            pool: pool)
    }

    /// Row of the last token of each slice that wants logits.
    private func lastRows(of batch: ForwardBatch) -> [Int] {
        var rows: [Int] = []
        var end = 0
        for slice in batch.slices {
            end += slice.tokens.count
            if slice.wantsLogits { rows.append(end - 1) }
        }
        return rows
    }
}

extension [PackedMatrix] {
    fileprivate var takeQuantizedActivations: Bool { contains { $0.type.takesQuantizedActivations } }
}

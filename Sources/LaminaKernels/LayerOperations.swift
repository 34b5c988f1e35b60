// The steps of a transformer layer between its matrix products, over all rows of a batch.

/// Root mean square norm of rows (Zhang and Sennrich 2019).
package struct RMSNorm: Sendable {
    private let weight: [Float]
    private let epsilon: Float

    /// `weight` has a factor per column.
    package init(weight: [Float], epsilon: Float) {
        self.weight = weight
        self.epsilon = epsilon
    }

    /// Sets the first `rowCount` rows of `output` to the norm of rows `sourceRow(i)` of `input`.
    package func run(
        _ input: FloatRows, sourceRow: ((Int) -> Int)? = nil, into output: Activations, rowCount: Int,
        isQuantized: Bool, pool: WorkerPool
    ) {
        require(input.columns == weight.count && output.columns == weight.count, "one factor per column")
        output.fill(rowCount: rowCount, isQuantized: isQuantized, pool: pool) { index, row in
            VectorMath.rmsNorm(
                input.row(sourceRow?(index) ?? index), weight: weight, epsilon: epsilon, count: weight.count, into: row)
        }
    }
}

/// The gated unit of the feed-forward network (Shazeer 2020).
package enum SwiGLU {
    /// Sets the first `rowCount` rows of `output` to silu(gate) · up.
    package static func run(
        gate: FloatRows, up: FloatRows, into output: Activations, rowCount: Int, isQuantized: Bool, pool: WorkerPool
    ) {
        output.fill(rowCount: rowCount, isQuantized: isQuantized, pool: pool) { index, row in
            VectorMath.swiGLU(gate: gate.row(index), up: up.row(index), count: output.columns, into: row)
        }
    }
}

extension RotaryEmbedding {
    /// Fills a table row [tableWidth] for each token of the batch.
    package func fillTables(_ batch: PagedBatch, into tables: FloatRows) {
        for (index, position) in batch.positions.enumerated() {
            fillTable(position: position, into: tables.row(index))
        }
    }

    /// Rotates queries and keys, scales queries by 1/√headDimension, and stores keys and values at their places.
    package func rotateAndStore(
        queries: FloatRows, keys: FloatRows, values: FloatRows, tables: FloatRows, batch: PagedBatch, layer: Int,
        cache: KVCache, pool: WorkerPool
    ) {
        let dimension = cache.headDimension
        let scale = 1 / Float(dimension).squareRoot()
        pool.run(count: batch.count, grain: 2) { rows in
            for index in rows {
                let table = tables.row(index)
                rotate(
                    queries.row(index), heads: queries.columns / dimension, headDimension: dimension, table: table,
                    scale: scale)
                rotate(keys.row(index), heads: cache.heads, headDimension: dimension, table: table)
                batch.withToken(index) { position, blocks in
                    cache.store(
                        layer: layer, block: blocks[position / KVCache.blockSize],
                        slot: position % KVCache.blockSize, keys: keys.row(index), values: values.row(index))
                }
            }
        }
    }
}

/// Rows of a token embedding, read from the file's own layout.
package struct EmbeddingTable: @unchecked Sendable {
    // Sendable: read-only memory that `owner` keeps mapped.
    private let type: WeightType
    private let rows: Int
    private let columns: Int
    private let source: UnsafeRawPointer
    private let owner: AnyObject

    /// `source` holds `rows` rows of `columns` weights as `type`, and stays valid as long as `owner` lives.
    package init(type: WeightType, rows: Int, columns: Int, source: UnsafeRawPointer, owner: AnyObject) {
        self.type = type
        self.rows = rows
        self.columns = columns
        self.source = source
        self.owner = owner
    }

    /// Writes the embedding of `row` into row `index` of `output`.
    package func copy(row: Int, into output: FloatRows, at index: Int) {
        require(row >= 0 && row < rows && output.columns == columns, "token outside the vocabulary")
        RowDecoder.decode(
            type, source + row * type.rowBytes(columns: columns), columns: columns, into: output.row(index))
    }
}

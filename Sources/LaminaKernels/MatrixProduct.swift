// Products of activations with packed weights, shared out to the pool's threads.
//
// A row of the result depends only on its own activations: every kernel adds up the blocks of a row in the same order
// whatever the number of rows in the batch, so a sequence's tokens do not change with its company.

/// One product of a fork: output[n, row] (+)= Σ_k weights[row, k] · activations[n, k].
package struct MatrixProduct {
    let weights: PackedMatrix
    let output: FloatRows
    let isAdded: Bool

    /// - Parameters:
    ///   - output: rows at least `weights.rows` wide; that many columns are written.
    ///   - isAdded: whether the product is added to what `output` holds (a residual) instead of replacing it.
    package init(_ weights: PackedMatrix, output: FloatRows, isAdded: Bool = false) {
        require(output.columns >= weights.rows, "the output must hold a whole row")
        self.weights = weights
        self.output = output
        self.isAdded = isAdded
    }

    // A chunk of work: enough bytes of weights to be worth a visit to the counter, few enough to share out evenly.
    private static let chunkBytes = 32 << 10
    // Activations of one column block stay in L2 while the groups of a chunk pass over them.
    private static let columnBlock = 64

    /// Carries out all `products`, which share `activations`' first `rowCount` rows, in one fork.
    /// Rows must have been quantized where a product's type takes quantized activations.
    package static func run(
        _ products: [MatrixProduct], activations: Activations, rowCount: Int, pool: WorkerPool
    ) {
        let columnBlocks = (rowCount + columnBlock - 1) / columnBlock
        var chunkEnds: [Int] = []
        var total = 0
        for product in products {
            total += product.chunks(rowCount: rowCount) * columnBlocks
            chunkEnds.append(total)
        }
        let ends = chunkEnds
        pool.run(count: total) { range in
            for chunk in range {
                var index = 0
                while chunk >= ends[index] { index &+= 1 }
                let first = index == 0 ? 0 : ends[index &- 1]
                products[index].runChunk(chunk &- first, activations: activations, rowCount: rowCount)
            }
        }
    }

    private func groupsPerChunk(rowCount: Int) -> Int {
        // A pair at least for several rows: its groups share their loads of activations.
        max(
            rowCount > 1 ? WidePair.groups : 1,
            Self.chunkBytes / max(1, weights.groupBytes * min(rowCount, Self.columnBlock)))
    }

    private func chunks(rowCount: Int) -> Int {
        let perChunk = groupsPerChunk(rowCount: rowCount)
        return (weights.groups + perChunk - 1) / perChunk
    }

    private func runChunk(_ chunk: Int, activations: Activations, rowCount: Int) {
        let perChunk = groupsPerChunk(rowCount: rowCount)
        let chunks = chunks(rowCount: rowCount)
        let columns = (chunk / chunks) &* Self.columnBlock
        let first = (chunk % chunks) &* perChunk
        let groups = first..<min(first &+ perChunk, weights.groups)
        let rows = columns..<min(columns &+ Self.columnBlock, rowCount)
        switch weights.type {
        case .q8_0: GroupProduct<Q8Block>.runPaired(self, activations, groups: groups, rows: rows)
        case .q4_0: GroupProduct<Q4Block>.runPaired(self, activations, groups: groups, rows: rows)
        case .q4_K: GroupProduct<MinimumBlock<Q4KPart>>.run(self, activations, groups: groups, rows: rows)
        case .q5_K: GroupProduct<MinimumBlock<Q5KPart>>.run(self, activations, groups: groups, rows: rows)
        case .q6_K: GroupProduct<Q6KBlock>.run(self, activations, groups: groups, rows: rows)
        case .f16: GroupProduct<DenseRow<Float16>>.run(self, activations, groups: groups, rows: rows)
        case .bf16: GroupProduct<DenseRow<BrainFloat>>.run(self, activations, groups: groups, rows: rows)
        case .f32: GroupProduct<DenseRow<Float>>.run(self, activations, groups: groups, rows: rows)
        }
    }
}

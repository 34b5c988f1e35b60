// Where each token of a step stands: its position in its sequence, and the blocks of that sequence.

/// The tokens of one step in the order of the activations' rows.
package struct PagedBatch {
    /// Position of each token, from 0.
    package private(set) var positions: [Int] = []
    /// Consecutive tokens of one sequence.
    struct Slice {
        /// Row of the first token.
        let row: Int
        /// Tokens.
        let count: Int
        /// Position of the first token.
        let startPosition: Int
    }

    private(set) var slices: [Slice] = []
    private var tableStarts: [Int] = []
    private var tables: [Int32] = []

    /// A batch without tokens.
    package init() {}

    /// Tokens so far.
    package var count: Int { positions.count }

    /// Appends tokens at `positions` of a sequence whose tokens 16i..<16i+16 lie in block `table[i]`.
    package mutating func append(positions range: Range<Int>, table: [Int32]) {
        require(range.upperBound <= table.count * KVCache.blockSize, "the block table is too short")
        slices.append(Slice(row: positions.count, count: range.count, startPosition: range.lowerBound))
        let start = tables.count
        tables.append(contentsOf: table)
        for position in range {
            positions.append(position)
            tableStarts.append(start)
        }
    }

    /// Calls `body` with a token's position and its sequence's block table.
    @inline(always)
    func withToken(_ index: Int, _ body: (Int, UnsafePointer<Int32>) -> Void) {
        tables.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return }
            body(positions[index], base + tableStarts[index])
        }
    }
}

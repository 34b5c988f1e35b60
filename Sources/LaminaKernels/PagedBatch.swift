// Where each token of a step stands: its position in its sequence, and the blocks of that sequence.

/// The tokens of one step in the order of the activations' rows: consecutive rows for consecutive tokens of a sequence.
package struct PagedBatch {
    /// Consecutive tokens of one sequence.
    package struct Slice: Sendable {
        /// Rows of the activations.
        package let rows: Range<Int>
        /// Position of the first row's token, from 0.
        package let startPosition: Int
    }

    /// The sequences that take part.
    package private(set) var slices: [Slice] = []
    /// Position of each token, from 0.
    package private(set) var positions: [Int] = []
    private var tableStarts: [Int] = []
    private var tables: [Int32] = []

    /// A batch without tokens.
    package init() {}

    /// Tokens so far.
    package var count: Int { positions.count }

    /// Appends tokens at `positions` of a sequence whose tokens 16i..<16i+16 lie in block `table[i]`. The table may go on beyond
    /// the last of them; only what they attend to is copied.
    package mutating func append(positions range: Range<Int>, table: [Int32]) {
        require(range.upperBound <= table.count * KVCache.blockSize, "the block table is too short")
        let start = tables.count
        tables.append(contentsOf: table.prefix((range.upperBound + KVCache.blockSize - 1) / KVCache.blockSize))
        slices.append(Slice(rows: count..<(count + range.count), startPosition: range.lowerBound))
        positions.append(contentsOf: range)
        tableStarts.append(contentsOf: repeatElement(start, count: range.count))
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

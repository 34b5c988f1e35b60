/// What one step computes: for each sequence taking part the next tokens it has no keys and values for yet.
package struct ForwardBatch: Sendable {
    /// Consecutive tokens of one sequence.
    package struct Slice: Sendable {
        /// At least one token.
        package let tokens: [TokenID]
        /// Position of the first of them in the sequence.
        package let startPosition: Int
        /// Blocks of the KV cache that hold positions 16i..<16i+16, up to the last token's at least; shared with the
        /// sequence, not copied.
        package let blockTable: [Int32]
        /// Whether the logits after the last of these tokens are asked for.
        package let wantsLogits: Bool

        /// Tokens that follow what the cache holds of their sequence.
        package init(tokens: [TokenID], startPosition: Int, blockTable: [Int32], wantsLogits: Bool) {
            self.tokens = tokens
            self.startPosition = startPosition
            self.blockTable = blockTable
            self.wantsLogits = wantsLogits
        }
    }

    /// The sequences' slices; logits come back in this order.
    package var slices: [Slice] = []

    /// A step over these slices.
    package init(_ slices: [Slice] = []) { self.slices = slices }

    /// Tokens of all slices.
    package var tokenCount: Int { slices.reduce(0) { $0 + $1.tokens.count } }
}

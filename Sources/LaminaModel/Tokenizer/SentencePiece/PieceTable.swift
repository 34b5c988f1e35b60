/// The pieces that merging can pass through or arrive at, with their scores.
struct PieceTable: Sendable {
    /// A piece found in the text.
    struct Piece {
        let token: TokenID
        let score: Float
        let isUnused: Bool
    }

    /// Whether no piece reaches from one word into the next, so that each word can be merged on its own: faster, for
    /// the queue stays small, and the same result. Most published vocabularies are like that.
    ///
    /// Unused pieces speak against it: how they are taken apart depends on all that was merged before.
    let hasIndependentWords: Bool

    private let table: TokenTable
    private let scores: [Float]
    private let types: [TokenType]
    private let longest: Int

    /// - Parameters:
    ///   - escaped: the bytes of all tokens, with spaces written as `▁`.
    init(
        _ escaped: TokenBytes, _ vocabulary: TokenizerVocabulary, _ types: [TokenType]
    ) throws(TokenizerError) {
        var table = TokenTable(escaped)
        var longest = 0
        var hasIndependentWords = true
        for (index, type) in types.enumerated() where type.isMergeable && !escaped[index].isEmpty {
            if let first = table.insert(TokenID(index)) {
                throw .duplicateToken(text: vocabulary.tokens[index], first: first, second: TokenID(index))
            }
            longest = max(longest, escaped[index].count)
            if type == .unused || Self.hasSpaceInside(escaped[index]) { hasIndependentWords = false }
        }
        self.table = table
        self.longest = longest
        self.hasIndependentWords = hasIndependentWords
        self.types = types
        scores = vocabulary.scores
    }

    /// The piece that is exactly the bytes of `text` in `range`.
    func find(_ text: [UInt8], _ range: Range<Int>) -> Piece? {
        guard range.count <= longest, let token = table.find(text, range) else { return nil }
        return Piece(token: token, score: scores[Int(token)], isUnused: types[Int(token)] == .unused)
    }

    /// Whether a `▁` follows something else.
    private static func hasSpaceInside(_ piece: ArraySlice<UInt8>) -> Bool {
        var rest = piece
        while rest.starts(with: SentencePieceBPE.escapedSpace) { rest = rest.dropFirst(3) }
        return rest.contains(SentencePieceBPE.escapedSpace)
    }
}

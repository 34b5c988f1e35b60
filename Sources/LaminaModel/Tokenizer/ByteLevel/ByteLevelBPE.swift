/// Byte-level byte-pair encoding (GPT-2, Llama 3, Qwen2, SmolLM): text is cut into words, a word into its bytes, and
/// the bytes are joined again by the list of merges.
struct ByteLevelBPE: Sendable {
    private let preTokenizer: PreTokenizer
    /// The token of each byte; `nil` where the vocabulary has none.
    private let byteTokens: [TokenID?]
    private let merges: MergeTable
    /// Words that are tokens as they stand, for the families that ask before they merge.
    private let words: TokenTable?

    /// Bytes that no token expresses; they vanish from the text, as in the `tokenizers` library. SmolLM2 lacks some.
    var missingBytes: [UInt8] { (0...UInt8.max).filter { byteTokens[Int($0)] == nil } }

    init(
        _ vocabulary: CheckedVocabulary, merges texts: [String], preTokenizer: PreTokenizer, tokenBytes: TokenBytes
    ) throws(TokenizerError) {
        self.preTokenizer = preTokenizer
        byteTokens = ByteLevelAlphabet.characters.map { vocabulary.mergeableToken(Array(String($0).utf8)) }
        merges = try Self.mergeTable(texts, vocabulary)
        if preTokenizer.usesWholeWords {
            var words = TokenTable(tokenBytes)
            for (token, type) in vocabulary.types.enumerated() where type == .normal && !tokenBytes[token].isEmpty {
                _ = words.insert(TokenID(token))
            }
            self.words = words
        } else {
            words = nil
        }
    }

    /// Appends the tokens of `text` in `range` to `tokens`. `merger` is scratch memory.
    func encode(_ text: [UInt8], _ range: Range<Int>, into tokens: inout [TokenID], _ merger: inout BytePairMerger) {
        var scanner = PieceScanner(text, range, preTokenizer.pattern)
        while let piece = scanner.next() {
            if let word = words?.find(text, piece) {
                tokens.append(word)
                continue
            }
            merger.symbols.removeAll(keepingCapacity: true)
            for index in piece {
                if let token = byteTokens[Int(text[index])] { merger.symbols.append(token) }
            }
            merger.run(merges)
            tokens.append(contentsOf: merger.symbols)
        }
    }

    private static func mergeTable(
        _ texts: [String], _ vocabulary: CheckedVocabulary
    ) throws(TokenizerError) -> MergeTable {
        guard texts.count <= TokenizerLimits.maximumMerges else {
            throw .tooManyMerges(count: texts.count, limit: TokenizerLimits.maximumMerges)
        }
        var table = MergeTable(capacityFor: texts.count)
        for (index, text) in texts.enumerated() {
            let bytes = Array(text.utf8)
            guard let space = bytes.dropFirst().firstIndex(of: 0x20), space + 1 < bytes.count,
                !bytes[(space + 1)...].contains(0x20)
            else { throw .malformedMerge(index: index, text: text) }
            var found: [TokenID] = []
            for part in [bytes[..<space], bytes[(space + 1)...], bytes[..<space] + bytes[(space + 1)...]] {
                guard let token = vocabulary.token(Array(part)) else {
                    throw .mergeOfMissingToken(index: index, text: text, missing: String(decoding: part, as: UTF8.self))
                }
                found.append(token)
            }
            // A trainer that saw "</s>" in its text may have merged up to the control token. Plain text must not.
            if found.contains(where: { !vocabulary.types[Int($0)].isMergeable }) { continue }
            table.insert(left: found[0], right: found[1], rank: UInt32(index), merged: found[2])
        }
        return table
    }
}

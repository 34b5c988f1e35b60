/// A vocabulary whose tokens were found sound: counts agree, ids are in range, no two tokens read the same.
struct CheckedVocabulary: Sendable {
    /// The type of every token, with those that end an answer as control tokens whatever the file says.
    let types: [TokenType]
    /// The tokens that end an answer.
    let endOfGeneration: Set<TokenID>

    private let texts: TokenTable

    init(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        try Self.checkCounts(vocabulary)
        texts = try Self.table(of: vocabulary.tokens)
        let named: [(key: String, token: TokenID?)] = [
            ("tokenizer.ggml.bos_token_id", vocabulary.beginningOfSequence),
            ("tokenizer.ggml.eos_token_id", vocabulary.endOfSequence),
            ("tokenizer.ggml.eot_token_id", vocabulary.endOfTurn),
            ("tokenizer.ggml.unknown_token_id", vocabulary.unknown),
            ("tokenizer.ggml.padding_token_id", vocabulary.padding),
        ]
        for case (let key, let token?) in named where !vocabulary.tokens.indices.contains(Int(token)) {
            throw .tokenOutOfRange(key: key, id: token, tokens: vocabulary.tokens.count)
        }
        var types =
            vocabulary.types.isEmpty ? Array(repeating: .normal, count: vocabulary.tokens.count) : vocabulary.types
        let ends = Self.ends(vocabulary, EndOfGeneration.wellKnownTokens(in: texts), types)
        for token in ends where types[Int(token)] != .unknown { types[Int(token)] = .control }
        let specialBytes = zip(vocabulary.tokens, types).reduce(0) { sum, token in
            token.1.isSpecial || token.1 == .userDefined ? sum + token.0.utf8.count : sum
        }
        if specialBytes > TokenizerLimits.maximumSpecialTokenBytes {
            throw .specialTokensTooLarge(limitBytes: TokenizerLimits.maximumSpecialTokenBytes)
        }
        self.types = types
        endOfGeneration = ends
    }

    /// The token with this text.
    func token(_ text: [UInt8]) -> TokenID? {
        texts.find(text, 0..<text.count)
    }

    /// The token with this text, if merging may start from it.
    func mergeableToken(_ text: [UInt8]) -> TokenID? {
        token(text).flatMap { types[Int($0)].isMergeable ? $0 : nil }
    }

    /// The named ends and the well-known ones. A well-known text that the merges spell out is text, though: a model
    /// trained on web pages writes `</s>` without meaning the end.
    private static func ends(
        _ vocabulary: TokenizerVocabulary, _ wellKnown: Set<TokenID>, _ types: [TokenType]
    ) -> Set<TokenID> {
        var texts: [String: TokenID] = [:]
        for token in wellKnown where types[Int(token)] != .control { texts[vocabulary.tokens[Int(token)]] = token }
        var ends = wellKnown
        if !texts.isEmpty {
            for merge in vocabulary.merges {
                if let token = texts[merge.filter { $0 != " " }] { ends.remove(token) }
            }
        }
        ends.formUnion([vocabulary.endOfSequence, vocabulary.endOfTurn].compactMap { $0 })
        return ends
    }

    private static func checkCounts(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        let count = vocabulary.tokens.count
        if count == 0 { throw .emptyVocabulary }
        if count > TokenizerLimits.maximumTokens {
            throw .tooManyTokens(count: count, limit: TokenizerLimits.maximumTokens)
        }
        if !vocabulary.types.isEmpty, vocabulary.types.count != count {
            throw .countMismatch(key: "tokenizer.ggml.token_type", count: vocabulary.types.count, tokens: count)
        }
        let needsScores = vocabulary.model == .sentencePiece
        if vocabulary.scores.count != count, needsScores || !vocabulary.scores.isEmpty {
            throw .countMismatch(key: "tokenizer.ggml.scores", count: vocabulary.scores.count, tokens: count)
        }
        if let index = vocabulary.scores.firstIndex(where: \.isNaN) { throw .scoreIsNotANumber(id: TokenID(index)) }
    }

    /// All texts by their bytes. Empty ones (padding of a vocabulary to a round size) match nothing and may repeat.
    private static func table(of tokens: [String]) throws(TokenizerError) -> TokenTable {
        var bytes = TokenBytes()
        var total = 0
        for (id, token) in tokens.enumerated() {
            let count = token.utf8.count
            if count > TokenizerLimits.maximumTokenBytes {
                throw .tokenTooLong(id: TokenID(id), bytes: count, limit: TokenizerLimits.maximumTokenBytes)
            }
            total += count
            if total > TokenizerLimits.maximumVocabularyBytes {
                throw .vocabularyTooLarge(limitBytes: TokenizerLimits.maximumVocabularyBytes)
            }
            bytes.append(token.utf8)
        }
        var table = TokenTable(bytes)
        for (id, token) in tokens.enumerated() where !token.isEmpty {
            if let first = table.insert(TokenID(id)) {
                throw .duplicateToken(text: token, first: first, second: TokenID(id))
            }
        }
        return table
    }
}

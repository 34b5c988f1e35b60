/// Turns text into the tokens of one model's vocabulary and back.
///
/// Exact with the reference implementations: the `tokenizers` library for byte-level BPE, `sentencepiece` for
/// SentencePiece. Immutable, so that any number of requests may use it at once; nothing is cached between calls.
package final class Tokenizer: Sendable {
    private enum Algorithm: Sendable {
        case byteLevel(ByteLevelBPE)
        case sentencePiece(SentencePieceBPE)
    }

    /// Where a sequence begins, if the model has a token for it.
    package let beginningOfSequence: TokenID?
    /// Where a sequence ends, if the model has a token for it.
    package let endOfSequence: TokenID?
    /// The token that fills up batches, if the model has one.
    package let padding: TokenID?
    /// Tokens after which an answer is complete: the named ends, and control tokens with well-known texts.
    package let endOfGeneration: Set<TokenID>
    /// Whether the model wants `beginningOfSequence` before its input.
    package let addsBeginningOfSequence: Bool
    /// Whether the model wants `endOfSequence` after its input.
    package let addsEndOfSequence: Bool
    /// Bytes that no token expresses, and that vanish from the text. Some public models (SmolLM2) lack rare ones.
    package let missingBytes: [UInt8]

    /// Bytes of the longest token: a text of n bytes has at least n / this many tokens.
    package let longestTokenBytes: Int

    let addsSpacePrefix: Bool
    private let algorithm: Algorithm
    private let types: [TokenType]
    private let texts: [String]
    private let tokenBytes: TokenBytes
    private let specialTokens: SpecialTokenMatcher

    /// Checks the vocabulary and builds the lookup tables.
    package init(_ vocabulary: TokenizerVocabulary) throws(TokenizerError) {
        let checked = try CheckedVocabulary(vocabulary)
        let defaults = SpecialTokenDefaults(vocabulary, checked.types)
        types = checked.types
        texts = vocabulary.tokens
        tokenBytes = Self.bytes(of: vocabulary, checked.types)
        longestTokenBytes = vocabulary.tokens.reduce(1) { max($0, $1.utf8.count) }
        var specialTokens = SpecialTokenMatcher()
        let finds: (TokenType) -> Bool = { $0.isSpecial || ($0 == .userDefined && vocabulary.model == .byteLevelBPE) }
        for (id, type) in types.enumerated() where finds(type) {
            specialTokens.insert(TokenID(id), text: vocabulary.tokens[id].utf8)
        }
        self.specialTokens = specialTokens
        beginningOfSequence = defaults.beginningOfSequence
        endOfSequence = defaults.endOfSequence
        padding = vocabulary.padding
        endOfGeneration = checked.endOfGeneration.union([defaults.endOfSequence].compactMap { $0 })

        let familyAddsBeginning: Bool
        switch vocabulary.model {
        case .byteLevelBPE:
            let preTokenizer = try PreTokenizer(named: vocabulary.preTokenizer)
            let model = try ByteLevelBPE(
                checked, merges: vocabulary.merges, preTokenizer: preTokenizer, tokenBytes: tokenBytes)
            algorithm = .byteLevel(model)
            missingBytes = model.missingBytes
            familyAddsBeginning = preTokenizer.addsBeginningOfSequence
            addsSpacePrefix = false
        case .sentencePiece:
            algorithm = .sentencePiece(
                try SentencePieceBPE(vocabulary, checked.types, unknown: defaults.unknown))
            missingBytes = []
            familyAddsBeginning = true
            addsSpacePrefix = vocabulary.addsSpacePrefix ?? true
        }
        if vocabulary.addsBeginningOfSequence == true, beginningOfSequence == nil {
            throw .missingToken(key: "tokenizer.ggml.bos_token_id", neededBy: "tokenizer.ggml.add_bos_token")
        }
        if vocabulary.addsEndOfSequence == true, endOfSequence == nil {
            throw .missingToken(key: "tokenizer.ggml.eos_token_id", neededBy: "tokenizer.ggml.add_eos_token")
        }
        addsBeginningOfSequence =
            beginningOfSequence != nil && (vocabulary.addsBeginningOfSequence ?? familyAddsBeginning)
        addsEndOfSequence = vocabulary.addsEndOfSequence ?? false
    }

    /// How many tokens there are; ids are `0..<count`.
    package var count: Int { types.count }

    /// Whether the vocabulary has this token.
    package func contains(_ token: TokenID) -> Bool { types.indices.contains(Int(token)) }

    /// What the token is for; `nil` outside the vocabulary.
    package func type(of token: TokenID) -> TokenType? { contains(token) ? types[Int(token)] : nil }

    /// The token's text as the vocabulary writes it (`Ġworld`, `▁world`, `<|im_end|>`); empty outside the vocabulary.
    package func text(of token: TokenID) -> String { contains(token) ? texts[Int(token)] : "" }

    /// The control or unknown token (for byte-level BPE also the user-defined one) written like this.
    package func specialToken(_ text: String) -> TokenID? { specialTokens.token(for: Array(text.utf8)) }

    // MARK: Encoding

    /// The tokens of a text.
    ///
    /// - Parameters:
    ///   - parsing: where control tokens written out in the text become the tokens they name.
    ///   - addingBeginningAndEnd: adds the tokens the model wants around its input, and none it does not want.
    ///     A rendered chat template usually brings its own.
    package func encode(
        _ text: String, parsing: SpecialTokenParsing = .everywhere, addingBeginningAndEnd: Bool = false
    ) -> [TokenID] {
        let bytes = Array(text.utf8)
        var tokens: [TokenID] = []
        var merger = BytePairMerger()
        if addingBeginningAndEnd, addsBeginningOfSequence, let beginningOfSequence {
            tokens.append(beginningOfSequence)
        }
        var position = 0
        while position < bytes.count {
            let match = specialTokens.firstMatch(in: bytes, from: position) { isAllowed($0, parsing) }
            let plain = position..<(match?.range.lowerBound ?? bytes.count)
            switch algorithm {
            case .byteLevel(let model):
                model.encode(bytes, plain, into: &tokens, &merger)
            case .sentencePiece(let model):
                model.encode(bytes, plain, addingSpace: addsSpacePrefix, into: &tokens)
            }
            if let match { tokens.append(match.token) }
            position = match?.range.upperBound ?? bytes.count
        }
        if addingBeginningAndEnd, addsEndOfSequence, let endOfSequence { tokens.append(endOfSequence) }
        return tokens
    }

    private func isAllowed(_ match: SpecialTokenMatcher.Match, _ parsing: SpecialTokenParsing) -> Bool {
        if types[Int(match.token)] == .userDefined { return true }
        switch parsing {
        case .everywhere: return true
        case .nowhere: return false
        case .outside(let plainRanges): return !Self.touches(match.range, plainRanges)
        }
    }

    /// Whether a range overlaps one of `ranges`, which are in order and apart.
    private static func touches(_ range: Range<Int>, _ ranges: [Range<Int>]) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound <= range.lowerBound { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].overlaps(range)
    }

    // MARK: Decoding

    /// The bytes a token adds to the text: often not whole characters. Empty for control and unknown tokens unless
    /// they are asked for, and outside the vocabulary.
    package func bytes(of token: TokenID, includingSpecialTokens: Bool = false) -> ArraySlice<UInt8> {
        guard contains(token), includingSpecialTokens || !types[Int(token)].isSpecial else { return [] }
        return tokenBytes[Int(token)]
    }

    /// The text of tokens from the beginning of a sequence. Bytes that are not UTF-8 become U+FFFD; the space
    /// SentencePiece puts before a text is taken away again.
    package func decode(_ tokens: some Sequence<TokenID>, includingSpecialTokens: Bool = false) -> String {
        var detokenizer = StreamingDetokenizer(self, includingSpecialTokens: includingSpecialTokens)
        var text = ""
        for token in tokens { text += detokenizer.append(token) }
        return text + detokenizer.finish()
    }

    private static func bytes(of vocabulary: TokenizerVocabulary, _ types: [TokenType]) -> TokenBytes {
        var bytes = TokenBytes()
        for (text, type) in zip(vocabulary.tokens, types) {
            if type == .byte, let byte = SentencePieceBPE.byte(named: text) {
                bytes.append([byte])
            } else if type.isSpecial {
                bytes.append(text.utf8)
            } else if vocabulary.model == .sentencePiece {
                bytes.append(
                    text.utf8.split(separator: SentencePieceBPE.escapedSpace, omittingEmptySubsequences: false)
                        .joined(separator: [0x20]).map { $0 })
            } else {
                bytes.append(type == .userDefined ? Array(text.utf8) : ByteLevelAlphabet.decode(text))
            }
        }
        return bytes
    }
}

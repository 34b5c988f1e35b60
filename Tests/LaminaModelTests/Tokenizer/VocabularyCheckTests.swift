import Testing

@testable import LaminaModel

/// A model file is untrusted: what does not fit together is refused, and the error says what and where.
struct VocabularyCheckTests {
    @Test func `Refuses an empty vocabulary`() {
        expect(.emptyVocabulary, TokenizerVocabulary(model: .byteLevelBPE, tokens: []))
    }

    @Test func `Refuses lists of different lengths`() {
        var vocabulary = TokenizerFixtures.byteLevel()
        vocabulary.types.removeLast()
        expect(.countMismatch(key: "tokenizer.ggml.token_type", count: 255, tokens: 256), vocabulary)
        vocabulary = TokenizerFixtures.sentencePiece(pieces: ["a"])
        vocabulary.scores = []
        expect(.countMismatch(key: "tokenizer.ggml.scores", count: 0, tokens: 260), vocabulary)
    }

    @Test(arguments: [-1, 256, Int32.max, Int32.min])
    func `Refuses a named token outside the vocabulary`(_ id: TokenID) {
        var vocabulary = TokenizerFixtures.byteLevel()
        vocabulary.endOfTurn = id
        expect(.tokenOutOfRange(key: "tokenizer.ggml.eot_token_id", id: id, tokens: 256), vocabulary)
        vocabulary.endOfTurn = nil
        vocabulary.beginningOfSequence = id
        expect(.tokenOutOfRange(key: "tokenizer.ggml.bos_token_id", id: id, tokens: 256), vocabulary)
    }

    @Test func `Refuses two tokens with one text, but not two forms of one letter`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["a", "b", "a"])
        expect(.duplicateToken(text: "a", first: 259, second: 261), vocabulary)
        vocabulary = TokenizerFixtures.sentencePiece(pieces: ["\u{E9}", "e\u{301}", "▁"])
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.encode("\u{E9}") != tokenizer.encode("e\u{301}"))
        vocabulary = TokenizerFixtures.sentencePiece(pieces: ["▁▁"], userDefined: ["  "])
        expect(.duplicateToken(text: "  ", first: 259, second: 260), vocabulary)
    }

    @Test func `Accepts empty tokens, which fill up a vocabulary`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(pre: "llama-bpe")
        vocabulary.tokens += ["", ""]
        vocabulary.types += [.normal, .unused]
        #expect(try Tokenizer(vocabulary).encode("ab") == [0x61, 0x62])
    }

    @Test(arguments: ["", "a", "a ", " a", "a  b", "a b c"])
    func `Refuses a merge that is not two tokens`(_ merge: String) {
        var vocabulary = TokenizerFixtures.byteLevel(merges: ["a b"])
        vocabulary.merges.append(merge)
        expect(.malformedMerge(index: 1, text: merge), vocabulary)
    }

    @Test func `Refuses a merge of tokens that do not exist`() {
        var vocabulary = TokenizerFixtures.byteLevel()
        vocabulary.merges = ["a b"]
        expect(.mergeOfMissingToken(index: 0, text: "a b", missing: "ab"), vocabulary)
        vocabulary.merges = ["中 b"]
        expect(.mergeOfMissingToken(index: 0, text: "中 b", missing: "中"), vocabulary)
    }

    @Test func `Refuses a score that is not a number`() {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["a"])
        vocabulary.scores[259] = .nan
        expect(.scoreIsNotANumber(id: 259), vocabulary)
    }

    @Test(arguments: ["<0x1>", "<0xGG>", "<0x0A", "0x0A", "<0x+1>", "a"])
    func `Refuses a byte token that names no byte`(_ text: String) {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["▁"])
        vocabulary.tokens[3] = text
        expect(.malformedByteToken(id: 3, text: text), vocabulary)
    }

    @Test func `Refuses SentencePiece without bytes and without an unknown token`() {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["a"], hasBytes: false)
        vocabulary.types[0] = .normal
        expect(.missingByteTokens(count: 256), vocabulary)
    }

    @Test func `Refuses to add a token the model does not have`() {
        var vocabulary = TokenizerFixtures.byteLevel()
        vocabulary.addsBeginningOfSequence = true
        expect(
            .missingToken(key: "tokenizer.ggml.bos_token_id", neededBy: "tokenizer.ggml.add_bos_token"), vocabulary)
        vocabulary.addsBeginningOfSequence = nil
        vocabulary.addsEndOfSequence = true
        expect(
            .missingToken(key: "tokenizer.ggml.eos_token_id", neededBy: "tokenizer.ggml.add_eos_token"), vocabulary)
    }

    @Test func `Refuses a token of absurd length`() {
        var vocabulary = TokenizerFixtures.byteLevel()
        vocabulary.tokens[7] = String(repeating: "x", count: TokenizerLimits.maximumTokenBytes + 1)
        expect(
            .tokenTooLong(
                id: 7, bytes: TokenizerLimits.maximumTokenBytes + 1, limit: TokenizerLimits.maximumTokenBytes),
            vocabulary)
    }

    @Test func `Refuses more control tokens than can be looked for`() {
        let text = String(repeating: "x", count: TokenizerLimits.maximumTokenBytes - 3)
        let count = TokenizerLimits.maximumSpecialTokenBytes / text.utf8.count + 1
        let vocabulary = TokenizerFixtures.byteLevel(
            control: (0..<count).map { "\($0)" + text.dropLast("\($0)".count) })
        expect(.specialTokensTooLarge(limitBytes: TokenizerLimits.maximumSpecialTokenBytes), vocabulary)
    }

    @Test func `Refuses a pre-tokenizer it does not know and lists those it does`() {
        expect(.unsupportedPreTokenizer(name: "tekken"), TokenizerFixtures.byteLevel(pre: "tekken"))
        #expect(TokenizerError.unsupportedPreTokenizer(name: "x").description.contains("llama-bpe, llama-v3, llama3"))
    }

    private func expect(
        _ error: TokenizerError, _ vocabulary: TokenizerVocabulary, at location: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: location) { try Tokenizer(vocabulary) }
    }
}

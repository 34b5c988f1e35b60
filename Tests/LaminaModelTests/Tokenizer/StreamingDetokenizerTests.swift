import Testing

@testable import LaminaModel

struct StreamingDetokenizerTests {
    @Test func `Holds a character back until it is whole`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel())
        var detokenizer = StreamingDetokenizer(tokenizer)
        let emitted = Array("é😀".utf8).map { detokenizer.append(TokenID($0)) }
        #expect(emitted == ["", "é", "", "", "", "😀"])
        #expect(detokenizer.finish() == "")
    }

    @Test func `Half a character at the end becomes a replacement character`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel())
        var detokenizer = StreamingDetokenizer(tokenizer)
        #expect(detokenizer.append(0xE4) == "")
        #expect(detokenizer.append(0xB8) == "")
        #expect(detokenizer.finish() == "\u{FFFD}")
        #expect(detokenizer.finish() == "")
    }

    @Test func `Gives what decoding all at once gives, whatever the bytes and wherever tokens end`() throws {
        let longest = 3
        var vocabulary = TokenizerFixtures.byteLevel()
        // Tokens of one to three bytes that cut characters anywhere, so that every split occurs.
        let interesting: [UInt8] = [0x41, 0x80, 0x9F, 0xA0, 0xBF, 0xC1, 0xC3, 0xE0, 0xE4, 0xED, 0xF0, 0xF4, 0xF5]
        var random = SeededGenerator(state: 5)
        var known = Set(vocabulary.tokens)
        for _ in 0..<400 {
            let bytes = (0..<Int.random(in: 2...longest, using: &random)).map { _ in
                interesting[Int.random(in: 0..<interesting.count, using: &random)]
            }
            let text = String(String.UnicodeScalarView(bytes.map { ByteLevelAlphabet.characters[Int($0)] }))
            if known.insert(text).inserted { vocabulary.tokens.append(text) }
        }
        vocabulary.types = []
        let tokenizer = try Tokenizer(vocabulary)
        for _ in 0..<2000 {
            let tokens = (0..<12).map { _ in TokenID.random(in: 0x80..<TokenID(tokenizer.count), using: &random) }
            let bytes = tokens.flatMap { tokenizer.bytes(of: $0) }
            #expect(stream(tokens, tokenizer).flatMap(\.utf8) == Array(String(decoding: bytes, as: UTF8.self).utf8))
        }
    }

    @Test func `Gives every text back, byte by byte`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel())
        var random = SeededGenerator(state: 6)
        for _ in 0..<300 {
            let text = random.text(upTo: 30)
            let pieces = stream(text.utf8.map { TokenID($0) }, tokenizer)
            #expect(pieces.flatMap(\.utf8) == Array(text.utf8))
            #expect(!pieces.contains { $0.unicodeScalars.contains("\u{FFFD}") } || text.contains("\u{FFFD}"))
        }
    }

    @Test func `Takes away the space SentencePiece put before the text, once`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: ["▁a", "▁", "a"]))
        let tokens: [TokenID] = [1, 259, 259, 260]
        #expect(stream(tokens, tokenizer) == ["", "a", " a", " ", ""])
        #expect(tokenizer.decode(tokens) == "a a ")
        #expect(tokenizer.decode(tokens, includingSpecialTokens: true) == "<s>a a ")
        var continuing = StreamingDetokenizer(tokenizer, continuingText: true)
        #expect(continuing.append(259) == " a")
        #expect(tokenizer.decode([260, 260]) == " ")
    }

    /// What each token added, and the rest.
    private func stream(_ tokens: [TokenID], _ tokenizer: Tokenizer) -> [String] {
        var detokenizer = StreamingDetokenizer(tokenizer)
        var texts = tokens.map { detokenizer.append($0) }
        texts.append(detokenizer.finish())
        return texts
    }
}

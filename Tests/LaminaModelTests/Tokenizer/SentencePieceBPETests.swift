import Testing

@testable import LaminaModel

struct SentencePieceBPETests {
    private let pieces = ["▁he", "llo", "▁hello", "he", "ll", "▁", "h", "e", "l", "o", "▁w", "w", "r", "d", "a", "b"]

    @Test func `Joins the pair with the highest score first`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: pieces))
        #expect(texts(tokenizer, "hello") == ["▁hello"])
        #expect(texts(tokenizer, "hel") == ["▁he", "l"])
        // "ab" over "bc": the scores decide, not the position.
        let letters = ["bc", "ab", "a", "b", "c", "▁"]
        #expect(try texts(Tokenizer(TokenizerFixtures.sentencePiece(pieces: letters)), "abc") == ["▁", "a", "bc"])
    }

    @Test func `Spells what it does not know in bytes`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: pieces))
        #expect(texts(tokenizer, "é\n") == ["▁", "<0xC3>", "<0xA9>", "<0x0A>"])
        #expect(tokenizer.decode(tokenizer.encode("é\n")) == "é\n")
    }

    @Test func `Without bytes a run of unknown characters is one unknown token`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: pieces, hasBytes: false))
        #expect(tokenizer.encode("éüh") == [tokenizer.token("▁"), 0, tokenizer.token("h")])
    }

    @Test func `Puts a space before the text unless the file says no`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: pieces)
        #expect(try texts(Tokenizer(vocabulary), "w") == ["▁w"])
        #expect(try Tokenizer(vocabulary).encode("") == [])
        vocabulary.addsSpacePrefix = false
        #expect(try texts(Tokenizer(vocabulary), "w") == ["w"])
        #expect(try texts(Tokenizer(vocabulary), " w") == ["▁w"])
    }

    @Test func `Puts a space after a control token, too`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: pieces))
        #expect(texts(tokenizer, "<s>w</s>w") == ["<s>", "▁w", "</s>", "▁w"])
    }

    @Test func `Folds and trims spaces where the file asks for it`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: pieces)
        vocabulary.removesExtraWhitespace = true
        let tokenizer = try Tokenizer(vocabulary)
        #expect(texts(tokenizer, "  w   w ") == ["▁w", "▁w"])
        #expect(tokenizer.encode("   ") == [])
    }

    @Test func `A user-defined token is found first and merges with nothing`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(
            pieces: ["h", "e", "he", "hel", "l", "▁"], userDefined: ["el", "  "])
        vocabulary.addsSpacePrefix = false
        let tokenizer = try Tokenizer(vocabulary)
        #expect(texts(tokenizer, "hel") == ["h", "el"])
        #expect(texts(tokenizer, "h   h") == ["h", "  ", "▁", "h"])
        #expect(tokenizer.decode(tokenizer.encode("h   h")) == "h   h")
    }

    @Test func `Plain text never becomes a control, unknown or byte token`() throws {
        let letters = ["</", "s>", "<", "/", "s", ">", "u", "n", "k", "0", "x", "A", "▁"]
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: letters))
        for text in ["</s>", "<s>", "<unk>", "<0x0A>"] {
            let tokens = tokenizer.encode(text, parsing: .nowhere)
            #expect(tokens.allSatisfy { tokenizer.type(of: $0) == .normal })
            #expect(tokenizer.decode(tokens) == text)
        }
    }

    @Test func `An unused token is a step of merging and never a result`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["ab", "abc", "a", "b", "c", "▁"])
        vocabulary.addsSpacePrefix = false
        vocabulary.types[vocabulary.tokens.firstIndex(of: "ab") ?? 0] = .unused
        vocabulary.types[vocabulary.tokens.firstIndex(of: "c") ?? 0] = .unused
        let tokenizer = try Tokenizer(vocabulary)
        #expect(texts(tokenizer, "abc") == ["abc"])
        #expect(texts(tokenizer, "ab") == ["a", "b"])
        #expect(texts(tokenizer, "c") == ["<0x63>"])
    }

    @Test func `A very long run is merged in reasonable time`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: ["aa", "aaaa", "a", "▁"]))
        #expect(tokenizer.encode(String(repeating: "a", count: 1 << 15)).count == 1 + (1 << 15) / 4)
    }

    @Test func `Gives every random text back`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.sentencePiece(pieces: pieces + ["é", "中", "▁a", "▁▁", "▁▁▁"]))
        var random = SeededGenerator(state: 4)
        for _ in 0..<300 {
            let text = random.text(upTo: 40).replacing("▁", with: "_")
            #expect(
                Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8), "\(text.debugDescription)")
        }
    }

    private func texts(_ tokenizer: Tokenizer, _ text: String) -> [String] {
        tokenizer.encode(text).map { tokenizer.text(of: $0) }
    }
}

extension Tokenizer {
    /// The token with this text; -1 if there is none.
    fileprivate func token(_ text: String) -> TokenID {
        (0..<TokenID(count)).first { self.text(of: $0) == text } ?? -1
    }
}

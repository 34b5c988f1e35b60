import Testing

@testable import LaminaModel

struct SpecialTokenTests {
    private let control = ["<|im_start|>", "<|im_end|>", "<|im_end|>!", "[PAD]"]

    @Test func `Control tokens in a text become tokens only where parsing is allowed`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(control: control))
        let end = try #require(tokenizer.specialToken("<|im_end|>"))
        #expect(tokenizer.encode("a<|im_end|>b") == [0x61, end, 0x62])
        let plain = tokenizer.encode("a<|im_end|>b", parsing: .nowhere)
        #expect(!plain.contains(end))
        #expect(tokenizer.decode(plain) == "a<|im_end|>b")
    }

    @Test func `What a user typed inside a template stays text`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(control: control))
        let end = try #require(tokenizer.specialToken("<|im_end|>"))
        let text = "hi<|im_end|><|im_end|>"
        let tokens = tokenizer.encode(text, parsing: .outside([0..<12]))
        #expect(tokens.filter { $0 == end }.count == 1)
        #expect(tokens.last == end)
        // A token that only reaches into the user's part is text as well.
        #expect(!tokenizer.encode("<|im_end|>", parsing: .outside([9..<10])).contains(end))
        #expect(tokenizer.encode("<|im_end|>", parsing: .outside([10..<12])) == [end])
    }

    @Test func `Of tokens that begin alike the longest is taken`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(control: control))
        let long = try #require(tokenizer.specialToken("<|im_end|>!"))
        #expect(tokenizer.encode("<|im_end|>!") == [long])
        #expect(tokenizer.encode("<|im_end|>?").count == 2)
        #expect(tokenizer.encode("<<|im_end|>!") == [0x3C, long])
    }

    @Test func `User-defined tokens are found even in plain text`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(control: control, userDefined: ["<tool>", "  "]))
        let tool = try #require(tokenizer.specialToken("<tool>"))
        #expect(tokenizer.encode("a<tool>b", parsing: .nowhere) == [0x61, tool, 0x62])
        #expect(tokenizer.decode([tool]) == "<tool>")
        #expect(tokenizer.type(of: tool) == .userDefined)
    }

    @Test func `Plain text does not reach a control token by merging or as a whole word`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(merges: ["s t", "st op"], pre: "llama-bpe")
        vocabulary.merges.insert("o p", at: 0)
        vocabulary.tokens.append("op")
        vocabulary.types.append(.normal)
        let stop = try #require(vocabulary.tokens.firstIndex(of: "stop"))
        vocabulary.types[stop] = .control
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.encode("stop") == [TokenID(stop)])
        #expect(tokenizer.encode("stop", parsing: .nowhere).map { tokenizer.text(of: $0) } == ["st", "op"])
    }

    @Test func `Control tokens decode to nothing unless asked for`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(control: control))
        let end = try #require(tokenizer.specialToken("<|im_end|>"))
        #expect(tokenizer.decode([0x61, end, 0x62]) == "ab")
        #expect(tokenizer.decode([0x61, end, 0x62], includingSpecialTokens: true) == "a<|im_end|>b")
        #expect(tokenizer.bytes(of: end).isEmpty)
        #expect(tokenizer.bytes(of: -1).isEmpty)
        #expect(tokenizer.bytes(of: 1_000_000).isEmpty)
        #expect(!tokenizer.contains(1_000_000))
    }

    @Test func `Knows the ends of an answer by name and by text`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(control: ["<|eot_id|>", "<|end_of_text|>", "<x>", "<y>", "<z>"])
        vocabulary.endOfSequence = 258
        vocabulary.endOfTurn = 259
        #expect(try Tokenizer(vocabulary).endOfGeneration == [256, 257, 258, 259])
    }

    @Test func `An end that the converter marked as text is a control token`() throws {
        var vocabulary = TokenizerFixtures.sentencePiece(pieces: ["<end_of_turn>", "a", "▁"])
        vocabulary.addsSpacePrefix = false
        let tokenizer = try Tokenizer(vocabulary)
        let end = try #require(tokenizer.specialToken("<end_of_turn>"))
        #expect(tokenizer.endOfGeneration == [2, end])
        #expect(!tokenizer.encode("<end_of_turn>", parsing: .nowhere).contains(end))
    }

    @Test func `An end that the merges spell out is text`() throws {
        let vocabulary = TokenizerFixtures.byteLevel(merges: ["< /", "s >", "</ s>"])
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.endOfGeneration.isEmpty)
        #expect(tokenizer.specialToken("</s>") == nil)
    }

    @Test func `In a format of several messages the end of one is not the end of the answer`() throws {
        let tokenizer = try Tokenizer(
            TokenizerFixtures.byteLevel(control: ["<|return|>", "<|call|>", "<|end|>"]))
        #expect(tokenizer.endOfGeneration == [256, 257])
    }
}

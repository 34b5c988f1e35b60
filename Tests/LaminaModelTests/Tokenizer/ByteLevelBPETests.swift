import Testing

@testable import LaminaModel

struct ByteLevelBPETests {
    @Test func `The alphabet writes every byte as its own visible character`() {
        let characters = ByteLevelAlphabet.characters
        #expect(Set(characters).count == 256)
        #expect(characters[0x20] == "Ġ")
        #expect(characters[0x0A] == "Ċ")
        #expect(characters[0x41] == "A")
        for (byte, character) in characters.enumerated() {
            #expect(ByteLevelAlphabet.decode(String(character)) == [UInt8(byte)])
        }
    }

    @Test func `Merges the pair that comes first in the list and not the leftmost`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(merges: ["b c", "a b", "a bc"]))
        #expect(texts(tokenizer, "abc") == ["abc"])
        #expect(texts(tokenizer, "abab") == ["ab", "ab"])
        let other = try Tokenizer(TokenizerFixtures.byteLevel(merges: ["a b", "b c", "a bc"]))
        #expect(texts(other, "abc") == ["ab", "c"])
    }

    @Test func `Merges equal pairs from the left`() throws {
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(merges: ["a a"]))
        #expect(texts(tokenizer, "aaaaa") == ["aa", "aa", "a"])
    }

    @Test func `Takes a word that is a token as it stands only where the family does`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(merges: ["a b"], pre: "llama-bpe")
        vocabulary.tokens.append("xyz")
        vocabulary.types.append(.normal)
        #expect(try texts(Tokenizer(vocabulary), "xyz ab") == ["xyz", "Ġ", "ab"])
        vocabulary.preTokenizer = "gpt-2"
        #expect(try texts(Tokenizer(vocabulary), "xyz") == ["x", "y", "z"])
    }

    @Test func `Scanning and the queue merge alike`() {
        var random = SeededGenerator(state: 3)
        for _ in 0..<300 {
            // Tokens 0...3 merge to 4...15 in random order, several of them from different pairs.
            var table = MergeTable(capacityFor: 64)
            for rank in 0..<48 {
                table.insert(
                    left: .random(in: 0..<12, using: &random), right: .random(in: 0..<12, using: &random),
                    rank: UInt32(rank), merged: .random(in: 4..<16, using: &random))
            }
            var scanning = BytePairMerger()
            scanning.symbols = (0..<Int.random(in: 2...40, using: &random)).map { _ in
                .random(in: 0..<4, using: &random)
            }
            var queued = scanning
            scanning.mergeByScanning(table)
            queued.mergeByQueue(table)
            #expect(scanning.symbols == queued.symbols)
        }
    }

    @Test func `Bytes without a token vanish and their neighbours merge`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(merges: ["a b"])
        vocabulary.tokens[0x0D] = "[was CR]"
        let tokenizer = try Tokenizer(vocabulary)
        #expect(tokenizer.missingBytes == [0x0D])
        #expect(texts(tokenizer, "\r\r") == [])
        vocabulary = TokenizerFixtures.byteLevel(merges: ["! ?"])
        vocabulary.tokens[0x2E] = "[was .]"
        #expect(try texts(Tokenizer(vocabulary), "!.?") == ["!?"])
    }

    @Test func `A very long word is merged in reasonable time`() throws {
        let merges = ["a a", "aa aa", "aaaa aaaa", "aaaaaaaa aaaaaaaa"]
        let tokenizer = try Tokenizer(TokenizerFixtures.byteLevel(merges: merges))
        let count = 1 << 17
        let tokens = tokenizer.encode(String(repeating: "a", count: count))
        #expect(tokens.count == count / 16)
        #expect(Set(tokens).count == 1)
    }

    @Test func `Adds the beginning and the end only where the model wants them`() throws {
        var vocabulary = TokenizerFixtures.byteLevel(control: ["<s>", "<e>"], pre: "llama-bpe")
        vocabulary.beginningOfSequence = 256
        vocabulary.endOfSequence = 257
        #expect(try Tokenizer(vocabulary).encode("a", addingBeginningAndEnd: true) == [256, 0x61])
        #expect(try Tokenizer(vocabulary).encode("a") == [0x61])
        vocabulary.addsBeginningOfSequence = false
        vocabulary.addsEndOfSequence = true
        #expect(try Tokenizer(vocabulary).encode("a", addingBeginningAndEnd: true) == [0x61, 257])
        vocabulary.addsBeginningOfSequence = nil
        vocabulary.addsEndOfSequence = nil
        vocabulary.preTokenizer = "gpt-2"
        #expect(try Tokenizer(vocabulary).encode("a", addingBeginningAndEnd: true) == [0x61])
    }

    private func texts(_ tokenizer: Tokenizer, _ text: String) -> [String] {
        tokenizer.encode(text).map { tokenizer.text(of: $0) }
    }
}

import Testing

@testable import LaminaModel

/// The expected words were taken from the `tokenizers` library with the patterns in `PreTokenizer.Pattern`.
struct PieceScannerTests {
    static let cases: [(pattern: PreTokenizer.Pattern, text: String, words: [String])] = [
        (.gpt2, "I'll don't 'section DON'T", ["I", "'ll", " don", "'t", " '", "section", " DON", "'", "T"]),
        (.gpt2, "a   b\n\n c  ", ["a", "  ", " b", "\n\n", " c", "  "]),
        (.gpt2, "x 123,456!? 中文\t\ty", ["x", " 123", ",", "456", "!?", " 中文", "\t", "\t", "y"]),
        (.gpt2, "²½Ⅷ e\u{301}a", ["²½Ⅷ", " e", "\u{301}", "a"]),
        (.llama3, "I'LL DON'T 'ſa", ["I", "'LL", " DON", "'T", " '", "ſa"]),
        (.llama3, "'ſa", ["'ſ", "a"]),
        (.llama3, "1234567 12", ["123", "456", "7", " ", "12"]),
        (.llama3, "a  b\r\n  \n\t c !!\n\nd", ["a", " ", " b", "\r\n  \n", "\t", " c", " !!\n\n", "d"]),
        (.llama3, "_name $x \u{A0}y", ["_name", " $", "x", " ", "\u{A0}y"]),
        (.qwen2, "1234 we'Re", ["1", "2", "3", "4", " we", "'Re"]),
        (.smollm, "ab 12 c3", ["ab", " ", "1", "2", " c", "3"]),
        (.smollm, "a  1", ["a", "  ", "1"]),
        (.llamaCppDefault, "a, b 12345 $5 x=1", ["a", ",", " b", " ", "123", "45", " ", "$", "5", " x", "=", "1"]),
        (.llamaCppDefault, "1٣234 don't", ["1٣", "234", " don", "'", "t"]),
    ]

    @Test(arguments: cases.indices)
    func `Cuts text as the family's regular expression does`(_ index: Int) {
        let (pattern, text, expected) = Self.cases[index]
        #expect(words(text, pattern) == expected)
    }

    @Test(arguments: [PreTokenizer.Pattern.gpt2, .llama3, .qwen2, .smollm, .llamaCppDefault])
    func `The words are the whole text`(_ pattern: PreTokenizer.Pattern) {
        var random = SeededGenerator(state: 2)
        for _ in 0..<300 {
            let text = random.text(upTo: 40)
            let words = words(text, pattern)
            #expect(words.allSatisfy { !$0.isEmpty })
            #expect(words.flatMap(\.utf8) == Array(text.utf8), "\(text.debugDescription)")
        }
    }

    @Test func `A part of a text is cut as if it were alone`() {
        let text = Array("ab  cd".utf8)
        var scanner = PieceScanner(text, 1..<4, .gpt2)
        #expect(scanner.next() == 1..<2)
        #expect(scanner.next() == 2..<4)
        #expect(scanner.next() == nil)
    }

    @Test(
        arguments: [PreTokenizer.Pattern.gpt2, .llama3, .qwen2, .smollm, .llamaCppDefault], ["1", " ", "\n", "!", "é"])
    func `Takes time in proportion to the text`(_ pattern: PreTokenizer.Pattern, _ unit: String) {
        // Quadratic work over 100 000 characters would take minutes here.
        #expect(words(String(repeating: unit, count: 100_000) + "a", pattern).joined().utf8.count > 100_000)
    }

    @Test func `Characters newer than the reference library are neither letters nor numbers`() {
        // U+1C89 is a letter since Unicode 16, U+088F a letter and U+11DE0 a number since 17.
        #expect(ScalarClass("\u{1C89}") == .letter)
        #expect(ScalarClass("\u{88F}") == [])
        #expect(ScalarClass("\u{11DE0}") == .digit)
        #expect(ScalarClass("5") == [.number, .digit])
    }

    @Test func `Every supported name has a pre-tokenizer and an unknown one is refused by name`() throws {
        for name in PreTokenizer.supportedNames { _ = try PreTokenizer(named: name) }
        #expect(try PreTokenizer(named: nil) == PreTokenizer(named: "default"))
        #expect(throws: TokenizerError.unsupportedPreTokenizer(name: "gpt-9")) { try PreTokenizer(named: "gpt-9") }
    }

    private func words(_ text: String, _ pattern: PreTokenizer.Pattern) -> [String] {
        let bytes = Array(text.utf8)
        var scanner = PieceScanner(bytes, 0..<bytes.count, pattern)
        var words: [String] = []
        while let range = scanner.next() { words.append(String(decoding: bytes[range], as: UTF8.self)) }
        return words
    }
}

import Foundation

@testable import LaminaModel

/// Vocabularies for the tests: small ones made here, and the one of the committed model.
enum TokenizerFixtures {
    /// All bytes, then the products of `merges` in order, then control tokens.
    static func byteLevel(
        merges: [String] = [], control: [String] = [], userDefined: [String] = [], pre: String? = "gpt-2"
    ) -> TokenizerVocabulary {
        let bytes = ByteLevelAlphabet.characters.map { String($0) }
        let merged = merges.map { $0.replacing(" ", with: "") }
        var vocabulary = TokenizerVocabulary(model: .byteLevelBPE, preTokenizer: pre, tokens: bytes, merges: merges)
        for text in merged where !vocabulary.tokens.contains(text) { vocabulary.tokens.append(text) }
        vocabulary.types = Array(repeating: .normal, count: vocabulary.tokens.count)
        vocabulary.tokens += control + userDefined
        vocabulary.types += control.map { _ in .control } + userDefined.map { _ in .userDefined }
        return vocabulary
    }

    /// `<unk> <s> </s>`, all byte tokens, then the pieces: the earlier, the higher the score.
    static func sentencePiece(
        pieces: [String], userDefined: [String] = [], hasBytes: Bool = true
    ) -> TokenizerVocabulary {
        let bytes = hasBytes ? (0...255).map { "<0x" + hexadecimal($0) + ">" } : []
        var vocabulary = TokenizerVocabulary(
            model: .sentencePiece, tokens: ["<unk>", "<s>", "</s>"] + bytes + pieces + userDefined)
        vocabulary.scores =
            Array(repeating: 0, count: 3 + bytes.count) + pieces.indices.map { -Float($0) } + userDefined.map { _ in 0 }
        vocabulary.types =
            [.unknown, .control, .control] + bytes.map { _ in .byte } + pieces.map { _ in .normal }
            + userDefined.map { _ in .userDefined }
        return vocabulary
    }

    /// The vocabulary of the committed model, from the file its tokenizer was trained into.
    static func committedModel() throws -> TokenizerVocabulary {
        let file = try JSONDecoder().decode(TokenizerFile.self, from: repositoryFile("models/tokenizer.json"))
        let tokens = file.model.vocab.sorted { $0.value < $1.value }.map(\.key)
        let control = Set(file.added_tokens.filter(\.special).map(\.content))
        return TokenizerVocabulary(
            model: .byteLevelBPE, preTokenizer: "llama-bpe", tokens: tokens,
            types: tokens.map { control.contains($0) ? .control : .normal },
            merges: file.model.merges.map { $0.joined(separator: " ") })
    }

    /// A file of the repository, wherever it was checked out.
    static func repositoryFile(_ path: String) throws -> Data {
        var root = URL(filePath: #filePath)
        for _ in 0..<4 { root.deleteLastPathComponent() }
        return try Data(contentsOf: root.appending(path: path))
    }

    private static func hexadecimal(_ byte: Int) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count == 1 ? "0" + digits : digits
    }

    private struct TokenizerFile: Decodable {
        struct Model: Decodable {
            let vocab: [String: Int]
            let merges: [[String]]
        }
        struct AddedToken: Decodable {
            let content: String
            let special: Bool
        }
        let model: Model
        let added_tokens: [AddedToken]
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// Text with many class changes: spaces, digits, quotes, and characters of every length in UTF-8.
    mutating func text(upTo limit: Int) -> String {
        let fixed = Array("  \t\r\n\u{A0}\u{3000}aZsSeE'’109²٣é中\u{301}한😀\u{200D}ſ!?.,<|>".unicodeScalars)
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...limit, using: &self) {
            if Bool.random(using: &self), let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &self)) {
                text.append(scalar)
            } else {
                text.append(fixed[Int.random(in: 0..<fixed.count, using: &self)])
            }
        }
        return String(text)
    }
}

/// Turns tokens into text as they are generated, and never gives out half a character.
///
/// A token may end inside a character; its bytes wait for the next token. All that was given out is, at every moment,
/// a prefix of what decoding all tokens at once gives, U+FFFD for invalid bytes included.
package struct StreamingDetokenizer {
    private let tokenizer: Tokenizer
    private let includesSpecialTokens: Bool
    /// Whether the first text to come loses the space that SentencePiece put before it.
    private var dropsSpace: Bool
    /// The beginning of a character whose rest has not come yet: at most three bytes.
    private var pending: [UInt8] = []

    /// A detokenizer that has seen nothing yet.
    ///
    /// - Parameters:
    ///   - includingSpecialTokens: writes control tokens out instead of leaving them out.
    ///   - continuingText: the tokens follow text that is already there, so a leading space belongs to them.
    package init(_ tokenizer: Tokenizer, includingSpecialTokens: Bool = false, continuingText: Bool = false) {
        self.tokenizer = tokenizer
        includesSpecialTokens = includingSpecialTokens
        dropsSpace = tokenizer.addsSpacePrefix && !continuingText
    }

    /// The text that is certain now; may be empty.
    package mutating func append(_ token: TokenID) -> String {
        var bytes = tokenizer.bytes(of: token, includingSpecialTokens: includesSpecialTokens)
        if bytes.isEmpty { return "" }
        if dropsSpace, tokenizer.type(of: token)?.isSpecial == false {
            dropsSpace = false
            if bytes.first == 0x20 { bytes = bytes.dropFirst() }
        }
        pending += bytes
        let complete = pending.count - Self.incompleteSuffix(of: pending)
        let text = String(decoding: pending[..<complete], as: UTF8.self)
        pending.removeFirst(complete)
        return text
    }

    /// The rest: U+FFFD if the last character never became whole.
    package mutating func finish() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes at the end begin a character that more bytes could complete.
    private static func incompleteSuffix(of bytes: [UInt8]) -> Int {
        for length in 1...3 where length <= bytes.count {
            let suffix = bytes[(bytes.count - length)...]
            guard let first = suffix.first, first & 0xC0 != 0x80 else { continue }
            return isIncomplete(first, suffix.dropFirst()) ? length : 0
        }
        return 0
    }

    /// Whether bytes that begin with `first` are the beginning of a character (Unicode 15, table 3-7), but not all.
    private static func isIncomplete(_ first: UInt8, _ rest: ArraySlice<UInt8>) -> Bool {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return false
        }
        guard rest.count + 1 < length else { return false }
        return rest.first.map { second.contains($0) } ?? true
    }
}

/// SentencePiece's byte-pair encoding (Llama 2, Mistral, Gemma): characters are joined, the pair whose union has the
/// highest score first, and what is left over is spelled in bytes.
///
/// The result is that of the `sentencepiece` library for `model_type=bpe` with the `identity` normaliser. User-defined
/// tokens are found first, in the text with its spaces already written as `▁`, and never merged.
struct SentencePieceBPE: Sendable {
    private let pieces: PieceTable
    private let userDefined: SpecialTokenMatcher
    /// The token of each byte; empty where the vocabulary does not have all 256.
    private let byteTokens: [TokenID]
    private let unknown: TokenID?
    private let removesExtraWhitespace: Bool

    /// `▁` in UTF-8.
    static let escapedSpace: [UInt8] = [0xE2, 0x96, 0x81]

    init(_ vocabulary: TokenizerVocabulary, _ types: [TokenType], unknown: TokenID?) throws(TokenizerError) {
        self.unknown = unknown
        removesExtraWhitespace = vocabulary.removesExtraWhitespace ?? false
        var escaped = TokenBytes()
        for text in vocabulary.tokens { escaped.append(Self.escape(Array(text.utf8))) }
        pieces = try PieceTable(escaped, vocabulary, types)
        var userDefined = SpecialTokenMatcher()
        var bytes = [TokenID?](repeating: nil, count: 256)
        for (index, type) in types.enumerated() {
            let token = TokenID(index)
            if type == .byte {
                guard let byte = Self.byte(named: vocabulary.tokens[index]) else {
                    throw .malformedByteToken(id: token, text: vocabulary.tokens[index])
                }
                bytes[Int(byte)] = token
            } else if type == .userDefined {
                userDefined.insert(token, text: escaped[index])
            }
        }
        self.userDefined = userDefined
        let known = bytes.compactMap { $0 }
        byteTokens = known.count == 256 ? known : []
        if byteTokens.isEmpty, unknown == nil { throw .missingByteTokens(count: 256 - known.count) }
    }

    /// The byte that the text `<0xAB>` names.
    static func byte(named text: String) -> UInt8? {
        let bytes = Array(text.utf8)
        guard bytes.count == 6, text.hasPrefix("<0x"), text.hasSuffix(">"), bytes[3] != UInt8(ascii: "+") else {
            return nil
        }
        return UInt8(String(decoding: bytes[3..<5], as: UTF8.self), radix: 16)
    }

    /// Appends the tokens of `text` in `range` to `tokens`, with a space put before it if asked.
    func encode(_ text: [UInt8], _ range: Range<Int>, addingSpace: Bool, into tokens: inout [TokenID]) {
        let content = removesExtraWhitespace ? Self.foldSpaces(text[range])[...] : text[range]
        if content.isEmpty { return }
        var escaped = Self.escape((addingSpace ? [0x20] : []) + content)
        // The library trims the end after escaping, and so takes a "▁" of the text itself for a space.
        while removesExtraWhitespace, escaped.suffix(3) == Self.escapedSpace[...] { escaped.removeLast(3) }
        var merger = PieceMerger(escaped)
        merger.split(userDefined)
        merger.run(pieces)
        var previousIsUnknown = false
        merger.forEachPiece(pieces) { token, bytes in
            var isUnknown = false
            if let token {
                tokens.append(token)
            } else if !byteTokens.isEmpty {
                for byte in bytes { tokens.append(byteTokens[Int(byte)]) }
            } else if let unknown {
                isUnknown = true
                // One token for a run of what the vocabulary cannot express, as in the sentencepiece library.
                if !previousIsUnknown { tokens.append(unknown) }
            }
            previousIsUnknown = isUnknown
        }
    }

    private static func escape(_ text: [UInt8]) -> [UInt8] {
        var escaped: [UInt8] = []
        escaped.reserveCapacity(text.count + text.count / 2)
        for byte in text {
            if byte == 0x20 { escaped += escapedSpace } else { escaped.append(byte) }
        }
        return escaped
    }

    /// Without spaces at the ends, and with one where there are several.
    private static func foldSpaces(_ text: ArraySlice<UInt8>) -> [UInt8] {
        Array(text.split(separator: 0x20).joined(separator: [0x20]))
    }
}

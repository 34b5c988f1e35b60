/// The characters GPT-2 writes bytes with: printable Latin-1 stands for itself, the other 68 bytes for U+0100 onward.
enum ByteLevelAlphabet {
    /// The character of each byte.
    static let characters: [Unicode.Scalar] = {
        var next: UInt8 = 0
        return (0...UInt8.max).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return Unicode.Scalar(byte)
            default:
                defer { next += 1 }
                // U+0100 to U+0143: always a scalar.
                return Unicode.Scalar(0x100 + UInt16(next)) ?? "\u{FFFD}"
            }
        }
    }()

    /// The byte of each character from U+0000 to U+0143, `nil` where the alphabet does not use it.
    private static let bytes: [UInt8?] = {
        var bytes = [UInt8?](repeating: nil, count: 0x144)
        for (byte, character) in characters.enumerated() { bytes[Int(character.value)] = UInt8(byte) }
        return bytes
    }()

    /// The bytes a token's text stands for. Text with any character outside the alphabet stands for itself, as in
    /// the `tokenizers` library.
    static func decode(_ text: String) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            guard scalar.value < bytes.count, let byte = bytes[Int(scalar.value)] else { return Array(text.utf8) }
            decoded.append(byte)
        }
        return decoded
    }
}

/// The character classes of RFC 9110 §5.6 and RFC 9112, as tests on single bytes.
enum HTTPGrammar {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let horizontalTab = UInt8(ascii: "\t")

    /// One bit per ASCII character that may stand in a token: letters, digits and !#$%&'*+-.^_`|~
    private static let tokenBits = bits(
        of: "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    /// One bit per ASCII character that may stand in a host with port (RFC 3986 §3.2.2), percent-encoding included.
    private static let hostBits = bits(
        of: "-._~!$&'()*+,;=:[]%0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    /// One bit per ASCII character that may stand in a registered name (RFC 3986 §3.2.2), percent-encoding aside.
    private static let nameBits = bits(
        of: "-._~!$&'()*+,;=0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    /// RFC 9110 §5.6.2 `tchar`.
    static func isTokenCharacter(_ byte: UInt8) -> Bool { contains(tokenBits, byte) }

    /// A character of `uri-host [ ":" port ]`.
    static func isHostCharacter(_ byte: UInt8) -> Bool { contains(hostBits, byte) }

    /// A character of `reg-name` that stands for itself.
    static func isNameCharacter(_ byte: UInt8) -> Bool { contains(nameBits, byte) }

    /// RFC 9110 §5.5: visible characters, space, tab and obs-text; no other control character.
    static func isFieldValueCharacter(_ byte: UInt8) -> Bool {
        byte >= 0x20 ? byte != 0x7F : byte == horizontalTab
    }

    /// RFC 9110 §5.6.3 `OWS`: space or tab.
    static func isWhitespace(_ byte: UInt8) -> Bool { byte == space || byte == horizontalTab }

    /// The value of a hexadecimal digit, or nil where the byte is none.
    static func hexadecimalValue(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte) - 0x30
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte) - 0x61 + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte) - 0x41 + 10
        default: nil
        }
    }

    /// The bytes without whitespace at either end.
    static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var slice = bytes
        while let first = slice.first, isWhitespace(first) { slice.removeFirst() }
        while let last = slice.last, isWhitespace(last) { slice.removeLast() }
        return slice
    }

    private static func bits(of characters: StaticString) -> SIMD2<UInt64> {
        var bits = SIMD2<UInt64>(0, 0)
        characters.withUTF8Buffer { buffer in
            for byte in buffer { bits[Int(byte >> 6)] |= 1 << UInt64(byte & 63) }
        }
        return bits
    }

    private static func contains(_ bits: SIMD2<UInt64>, _ byte: UInt8) -> Bool {
        byte < 128 && bits[Int(byte >> 6)] >> UInt64(byte & 63) & 1 == 1
    }
}

// Strings (RFC 8259 §7). Lone surrogates are refused: they cannot be written as UTF-8 again, and replacing them would
// change what the client sent without telling it.

extension JSONParser {
    /// Parses the rest of a string whose opening quote has been read.
    mutating func parseString() throws(JSONParseError) -> String {
        let start = position
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: bytes[start..<position], as: UTF8.self) else {
                    throw failure(.invalidUTF8, at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                return try parseEscapedString(from: start)
            case ..<0x20:
                throw failure(.unescapedControlCharacter)
            default:
                position += 1
            }
        }
        throw expected("the closing '\"' of a string")
    }

    /// Continues at the first backslash; the bytes since `start` are taken as they are.
    private mutating func parseEscapedString(from start: Int) throws(JSONParseError) -> String {
        var content = Array(bytes[start..<position])
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw failure(.invalidUTF8, at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                try parseEscape(into: &content)
            case ..<0x20:
                throw failure(.unescapedControlCharacter)
            default:
                content.append(byte)
                position += 1
            }
        }
        throw expected("the closing '\"' of a string")
    }

    private mutating func parseEscape(into content: inout [UInt8]) throws(JSONParseError) {
        let start = position
        position += 1
        guard let letter = peek() else { throw expected("an escape sequence") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try parseUnicodeEscape(from: start)
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw failure(.invalidEscape, at: start)
        }
    }

    /// Parses what follows `\u`, with the second half of a surrogate pair where one is needed.
    private mutating func parseUnicodeEscape(from start: Int) throws(JSONParseError) -> Unicode.Scalar {
        let first = try parseFourHexDigits()
        var code = UInt32(first)
        if UTF16.isLeadSurrogate(first) {
            guard consume("\\"), consume("u") else { throw failure(.loneSurrogate, at: start) }
            let second = try parseFourHexDigits()
            guard UTF16.isTrailSurrogate(second) else { throw failure(.loneSurrogate, at: start) }
            code = 0x10000 + ((UInt32(first) - 0xD800) << 10) + (UInt32(second) - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw failure(.loneSurrogate, at: start) }
        return scalar
    }

    private mutating func parseFourHexDigits() throws(JSONParseError) -> UInt16 {
        var code: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = peek() else { throw expected("four hexadecimal digits") }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw expected("four hexadecimal digits")
            }
            code = code << 4 | UInt16(digit)
            position += 1
        }
        return code
    }
}

/// Why a text is not JSON, and where.
package struct JSONParseError: Error, Equatable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Equatable, Sendable {
        /// Something else stood where `String` was expected.
        case expected(String)
        /// The text ended where `String` was expected.
        case endOfText(expected: String)
        /// A string holds bytes that are not UTF-8.
        case invalidUTF8
        /// A character below U+0020 stands unescaped in a string.
        case unescapedControlCharacter
        /// A backslash is followed by something RFC 8259 §7 does not list.
        case invalidEscape
        /// `\uD800` to `\uDFFF` without its partner: it names no character, so it could not be written as UTF-8 again.
        case loneSurrogate
        /// A number is too large for a double.
        case numberOutOfRange
        /// Arrays and objects are nested deeper than the limit.
        case tooDeep(limit: Int)
        /// The first value is followed by something else.
        case trailingText
    }

    /// What is wrong.
    package let reason: Reason
    /// Bytes before the place, from 0.
    package let byteOffset: Int
    /// From 1.
    package let line: Int
    /// Bytes into the line, from 1.
    package let column: Int

    init(_ reason: Reason, at byteOffset: Int, in bytes: [UInt8]) {
        let before = bytes.prefix(byteOffset)
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        self.reason = reason
        self.byteOffset = byteOffset
        line = before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 }
        column = byteOffset - lineStart + 1
    }

    package var description: String {
        "invalid JSON at line \(line), column \(column) (byte \(byteOffset)): \(reason.text)"
    }
}

extension JSONParseError.Reason {
    fileprivate var text: String {
        switch self {
        case .expected(let what): "expected \(what)"
        case .endOfText(let what): "the text ends where \(what) was expected"
        case .invalidUTF8: "the string is not valid UTF-8"
        case .unescapedControlCharacter: "a control character in a string must be escaped"
        case .invalidEscape: "unknown escape sequence in a string"
        case .loneSurrogate: "a \\u escape names half of a surrogate pair"
        case .numberOutOfRange: "the number is too large for a 64-bit float"
        case .tooDeep(let limit): "nested deeper than \(limit) levels"
        case .trailingText: "expected nothing after the value"
        }
    }
}

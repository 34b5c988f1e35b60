/// Writes JSON texts into a byte buffer; the pieces are usable on their own where a whole value would be wasteful to build.
package struct JSONWriter: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []
    private let style: JSONStyle

    /// A writer that has written nothing.
    package init(style: JSONStyle = .compact) {
        self.style = style
    }

    /// The JSON text of a value as bytes.
    package static func bytes(of value: JSONValue, style: JSONStyle = .compact) -> [UInt8] {
        var writer = JSONWriter(style: style)
        writer.append(value)
        return writer.bytes
    }

    /// The JSON text of a value.
    package static func text(of value: JSONValue, style: JSONStyle = .compact) -> String {
        String(decoding: bytes(of: value, style: style), as: UTF8.self)
    }

    /// Writes a value. NaN and the infinities, which JSON cannot say, become `null`.
    package mutating func append(_ value: JSONValue) {
        append(value, level: 0)
    }

    /// Writes bytes that are known to be a piece of JSON.
    package mutating func append(raw text: String) {
        bytes.append(contentsOf: text.utf8)
    }

    /// Writes an integer.
    package mutating func append(_ integer: Int64) {
        append(raw: String(integer))
    }

    /// Writes a number so that it reads back as the same double; NaN and the infinities become `null`.
    package mutating func append(_ number: Double) {
        append(raw: number.isFinite ? PythonNumber.text(of: number) : "null")
    }

    /// Writes a string with its quotes and escapes.
    package mutating func append(_ string: String) {
        bytes.append(UInt8(ascii: "\""))
        if string.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") && $0 < 0x7F }) {
            bytes.append(contentsOf: string.utf8)
        } else if style.escapesNonASCII {
            for scalar in string.unicodeScalars { appendASCII(scalar) }
        } else {
            for byte in string.utf8 { appendEscaping(byte) }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}

extension JSONWriter {
    private mutating func append(_ value: JSONValue, level: Int) {
        switch value {
        case .null: append(raw: "null")
        case .bool(let value): append(raw: value ? "true" : "false")
        case .integer(let value): append(value)
        case .number(let value): append(value)
        case .string(let value): append(value)
        case .array(let elements): append(elements, level: level)
        case .object(let object): append(object, level: level)
        }
    }

    private mutating func append(_ elements: [JSONValue], level: Int) {
        bytes.append(UInt8(ascii: "["))
        for (position, element) in elements.enumerated() {
            beginItem(isFirst: position == 0, level: level + 1)
            append(element, level: level + 1)
        }
        if !elements.isEmpty { breakLine(level: level) }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func append(_ object: JSONObject, level: Int) {
        let members =
            style.sortsKeys
            ? object.sorted { $0.key.unicodeScalars.lexicographicallyPrecedes($1.key.unicodeScalars) } : object.members
        bytes.append(UInt8(ascii: "{"))
        for (position, member) in members.enumerated() {
            beginItem(isFirst: position == 0, level: level + 1)
            append(member.key)
            append(raw: style.keySeparator)
            append(member.value, level: level + 1)
        }
        if !members.isEmpty { breakLine(level: level) }
        bytes.append(UInt8(ascii: "}"))
    }

    private mutating func beginItem(isFirst: Bool, level: Int) {
        if !isFirst { append(raw: style.itemSeparator) }
        breakLine(level: level)
    }

    private mutating func breakLine(level: Int) {
        guard let indent = style.indent else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: indent * level))
    }

    private mutating func appendEscaping(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(raw: "\\\"")
        case UInt8(ascii: "\\"): append(raw: "\\\\")
        case 0x08: append(raw: "\\b")
        case 0x0C: append(raw: "\\f")
        case 0x0A: append(raw: "\\n")
        case 0x0D: append(raw: "\\r")
        case 0x09: append(raw: "\\t")
        case ..<0x20: appendUnicodeEscape(UInt16(byte))
        default: bytes.append(byte)
        }
    }

    private mutating func appendASCII(_ scalar: Unicode.Scalar) {
        if scalar.value < 0x7F {
            appendEscaping(UInt8(scalar.value))
        } else {
            for unit in UTF16.encode(scalar) ?? UTF16.encodedReplacementCharacter { appendUnicodeEscape(unit) }
        }
    }

    private mutating func appendUnicodeEscape(_ unit: UInt16) {
        let digits = String(unit, radix: 16)
        append(raw: "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
    }
}

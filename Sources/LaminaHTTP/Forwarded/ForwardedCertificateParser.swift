/// Takes a line of an `X-Forwarded-Client-Cert` field apart, as strictly as its grammar allows.
///
/// Elements are separated by `,`, their pairs by `;`; a pair is `key=value`. A value that holds `,`, `;` or `=` stands in double quotes,
/// with a backslash before each quote inside. All elements but the last may be a forger's, whose aim is that a lenient reader takes
/// the last for a part of another: a quote that is not closed, or closed in the middle of a value. So nothing is guessed: one
/// byte out of place, and the whole field is refused.
struct ForwardedCertificateParser {
    /// A key in lower case and its value, without quotes.
    struct Pair {
        let key: String
        let value: String
    }

    /// Elements read.
    private(set) var elementCount = 0
    private let bytes: [UInt8]
    private var position = 0

    init(_ line: String) { bytes = Array(line.utf8) }

    /// Reads all elements; returns the pairs of the last.
    mutating func lastElement() throws(ForwardedCertificateError) -> [Pair] {
        var pairs = try element()
        while next != nil {
            try take(UInt8(ascii: ","), orThrow: "',', ';' or the end")
            // Where a proxy joins lines, a space follows the comma (RFC 9110 §5.3).
            while next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") { position += 1 }
            pairs = try element()
        }
        return pairs
    }

    private mutating func element() throws(ForwardedCertificateError) -> [Pair] {
        elementCount += 1
        var pairs = [try pair()]
        while next == UInt8(ascii: ";") {
            position += 1
            pairs.append(try pair())
            guard pairs.count <= ForwardedCertificateLimits.pairs else {
                throw .tooManyPairs(limit: ForwardedCertificateLimits.pairs)
            }
        }
        return pairs
    }

    private mutating func pair() throws(ForwardedCertificateError) -> Pair {
        let start = position
        while let byte = next, Self.isLetter(byte) { position += 1 }
        guard position > start else { throw .malformed(offset: position, expected: "a key") }
        let key = String(decoding: bytes[start..<position], as: UTF8.self).lowercased()
        try take(UInt8(ascii: "="), orThrow: "'='")
        let isQuoted = next == UInt8(ascii: "\"")
        return Pair(key: key, value: isQuoted ? try quotedValue() : plainValue())
    }

    /// Empty where there is nothing, as Envoy writes it for a certificate without such a name. What ends it is looked at by the caller.
    private mutating func plainValue() -> String {
        let start = position
        while let byte = next, Self.isPlain(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func quotedValue() throws(ForwardedCertificateError) -> String {
        position += 1
        var value: [UInt8] = []
        while let byte = next, Self.isPrintable(byte) {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            guard byte == UInt8(ascii: "\\") else {
                value.append(byte)
                continue
            }
            guard let escaped = next, Self.isPrintable(escaped) else { break }
            position += 1
            // Subjects have escapes of their own (RFC 2253 §2.4), which stay as they are.
            value += escaped == UInt8(ascii: "\"") ? [escaped] : [byte, escaped]
        }
        throw .malformed(offset: position, expected: "the end of a quoted value")
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ byte: UInt8, orThrow expected: String) throws(ForwardedCertificateError) {
        guard next == byte else { throw .malformed(offset: position, expected: expected) }
        position += 1
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// Visible ASCII, or a space.
    private static func isPrintable(_ byte: UInt8) -> Bool { (0x20...0x7E).contains(byte) }

    /// What may stand in a value without quotes.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "="), UInt8(ascii: "\""), UInt8(ascii: "\\"): false
        default: (0x21...0x7E).contains(byte)
        }
    }
}

/// Percent-encoding of texts that are no URL (RFC 3986 §2.1).
package enum PercentEncoding {
    /// The bytes a text stands for; nil where a `%` is not followed by two hexadecimal digits.
    package static func decoded(_ text: Substring) -> [UInt8]? {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(HTTPGrammar.hexadecimalValue),
                let low = rest.popFirst().flatMap(HTTPGrammar.hexadecimalValue)
            else { return nil }
            result.append(UInt8(high << 4 | low))
        }
        return result
    }
}

import HTTPTypes

/// One header or trailer line (RFC 9112 §5).
enum FieldLine {
    /// Parses a line without its CR LF. Nothing is repaired: a field another parser could read differently is refused.
    static func parse(_ line: ArraySlice<UInt8>) throws(RequestError) -> HTTPField {
        guard let first = line.first, !HTTPGrammar.isWhitespace(first) else { throw .lineFolding }
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw .malformedFieldName }
        let nameBytes = line[..<colon]
        if let last = nameBytes.last, HTTPGrammar.isWhitespace(last) { throw .whitespaceBeforeColon }
        guard nameBytes.allSatisfy(HTTPGrammar.isTokenCharacter),
            let name = HTTPField.Name(String(decoding: nameBytes, as: UTF8.self))
        else { throw .malformedFieldName }
        let value = HTTPGrammar.trimmed(line[(colon + 1)...])
        guard value.allSatisfy(HTTPGrammar.isFieldValueCharacter) else {
            throw .malformedFieldValue(name: name.rawName)
        }
        return HTTPField(name: name, value: value)
    }
}

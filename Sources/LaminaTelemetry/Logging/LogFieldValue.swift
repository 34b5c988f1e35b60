/// The value of a field in a log line.
enum LogFieldValue: Sendable {
    case string(String)
    /// A number, `true` or `false`: JSON as it stands.
    case literal(String)
    case array([LogFieldValue])

    /// The value's size in bytes before escaping.
    var byteCount: Int {
        switch self {
        case .string(let text), .literal(let text): return text.utf8.count
        case .array(let values): return values.reduce(2) { $0 + $1.byteCount + 1 }
        }
    }

    func appendJSON(to line: inout String) {
        switch self {
        case .string(let text): line.appendJSONString(text)
        case .literal(let text): line += text
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                line += index == 0 ? "" : ","
                value.appendJSON(to: &line)
            }
            line += "]"
        }
    }

    /// Like JSON, but strings of letters, digits and common punctuation go without quotes.
    func appendText(to line: inout String) {
        guard case .string(let text) = self, !text.isEmpty,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "=") })
        else { return appendJSON(to: &line) }
        line += text
    }
}

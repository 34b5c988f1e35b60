import LaminaJSON

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

    func appendJSON(to writer: inout JSONWriter) {
        switch self {
        case .string(let text): writer.append(text)
        case .literal(let text): writer.append(raw: text)
        case .array(let values):
            writer.append(raw: "[")
            for (index, value) in values.enumerated() {
                if index > 0 { writer.append(raw: ",") }
                value.appendJSON(to: &writer)
            }
            writer.append(raw: "]")
        }
    }

    /// Strings of visible ASCII without quotes and equals signs stand as they are, others in quotes.
    func appendText(to line: inout String) {
        switch self {
        case .string(let text):
            let isPlain = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != 0x22 && $0 != 0x3D }
            if isPlain, !text.isEmpty { line += text } else { line.appendTerminalSafe(text, inQuotes: true) }
        case .literal(let text): line += text
        case .array(let values):
            line += "["
            for (index, value) in values.enumerated() {
                line += index == 0 ? "" : ","
                value.appendText(to: &line)
            }
            line += "]"
        }
    }
}

/// Text from an untrusted file made fit for a terminal and a log line: control characters and quotes are escaped, and
/// what exceeds `limit` characters is cut and marked with an ellipsis.
func printable(_ text: some StringProtocol, limit: Int = 120) -> String {
    var result = ""
    var length = 0
    for scalar in text.unicodeScalars {
        if length >= limit {
            result += "…"
            break
        }
        let piece = escaped(scalar)
        result += piece
        length += piece.unicodeScalars.count
    }
    return result
}

private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\\": return "\\\\"
    case "\"": return "\\\""
    default: break
    }
    switch scalar.properties.generalCategory {
    // Format characters include the bidirectional overrides, which can make a terminal show another text.
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
        return "\\u{\(String(scalar.value, radix: 16))}"
    default: return String(scalar)
    }
}

extension String {
    /// Appends `text` as a JSON string (RFC 8259 §7), quotes included.
    ///
    /// Control characters above U+001F are escaped too: JSON does not ask for it, terminals do.
    mutating func appendJSONString(_ text: String) {
        self += "\""
        if text.utf8.contains(where: Self.mayNeedEscape) {
            for scalar in text.unicodeScalars {
                let needsEscape = scalar == "\"" || scalar == "\\" || scalar.properties.generalCategory == .control
                if needsEscape { appendEscape(scalar) } else { unicodeScalars.append(scalar) }
            }
        } else {
            self += text
        }
        self += "\""
    }

    /// Appends `text` with control characters escaped, so that it stays on its line and cannot steer a terminal.
    mutating func appendEscapingControls(_ text: String) {
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                appendEscape(scalar)
            } else {
                unicodeScalars.append(scalar)
            }
        }
    }

    /// Quotes, backslashes, C0 and DEL, and the byte that the controls U+0080 to U+009F start with.
    private static func mayNeedEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x22 || byte == 0x5C || byte == 0x7F || byte == 0xC2
    }

    private mutating func appendEscape(_ scalar: Unicode.Scalar) {
        switch scalar {
        case "\"": self += "\\\""
        case "\\": self += "\\\\"
        case "\n": self += "\\n"
        case "\r": self += "\\r"
        case "\t": self += "\\t"
        default: self += "\\u" + LowerHex.text(UInt64(scalar.value), digits: 4)
        }
    }
}

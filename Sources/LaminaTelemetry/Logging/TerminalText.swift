extension String {
    /// Appends `text` with control characters escaped, so that it stays on its line and cannot steer a terminal.
    ///
    /// - Parameter inQuotes: also puts it in double quotes and escapes those inside.
    mutating func appendTerminalSafe(_ text: String, inQuotes: Bool = false) {
        if inQuotes { self += "\"" }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": self += "\\n"
            case "\r": self += "\\r"
            case "\t": self += "\\t"
            case "\"" where inQuotes: self += "\\\""
            case "\\" where inQuotes: self += "\\\\"
            case _ where scalar.properties.generalCategory == .control:
                self += "\\u" + LowerHex.text(UInt64(scalar.value), digits: 4)
            default: unicodeScalars.append(scalar)
            }
        }
        if inQuotes { self += "\"" }
    }
}

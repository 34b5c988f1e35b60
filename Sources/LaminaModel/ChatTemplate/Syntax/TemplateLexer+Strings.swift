// String literals with Python's escapes.

extension TemplateLexer {
    mutating func lexString(quote: Unicode.Scalar) throws(ChatTemplateError) {
        let startLine = line
        var content = String.UnicodeScalarView()
        advance(by: 1)
        while let current = scalar(at: position) {
            if current == quote {
                advance(by: 1)
                emit(.string(String(content)), line: startLine)
                return
            }
            advance(by: 1)
            if current == "\\" {
                try lexEscape(into: &content)
            } else {
                content.append(current)
            }
        }
        throw .syntax(line: startLine, message: "the string that starts here has no end")
    }

    /// Reads what follows a backslash; an unknown escape keeps the backslash.
    private mutating func lexEscape(into content: inout String.UnicodeScalarView) throws(ChatTemplateError) {
        guard let letter = scalar(at: position) else { return }
        if ("0"..."7").contains(letter) {
            content.append(try code(digits: 3, radix: 8, isExact: false))
            return
        }
        advance(by: 1)
        switch letter {
        case "\n": break
        case "\\", "'", "\"": content.append(letter)
        case "n": content.append("\n")
        case "t": content.append("\t")
        case "r": content.append("\r")
        case "a": content.append("\u{7}")
        case "b": content.append("\u{8}")
        case "f": content.append("\u{c}")
        case "v": content.append("\u{b}")
        case "x": content.append(try code(digits: 2, radix: 16, isExact: true))
        case "u": content.append(try code(digits: 4, radix: 16, isExact: true))
        case "U": content.append(try code(digits: 8, radix: 16, isExact: true))
        default:
            content.append("\\")
            content.append(letter)
        }
    }

    private mutating func code(digits: Int, radix: Int, isExact: Bool) throws(ChatTemplateError) -> Unicode.Scalar {
        var text = ""
        while text.utf8.count < digits, let digit = scalar(at: position), digit.isASCII,
            Int(String(digit), radix: radix) != nil
        {
            text.unicodeScalars.append(digit)
            advance(by: 1)
        }
        guard !isExact || text.utf8.count == digits, let value = UInt32(text, radix: radix),
            let scalar = Unicode.Scalar(value)
        else {
            throw .syntax(line: line, message: "a string escape names no character")
        }
        return scalar
    }
}

// The tokens inside `{{ }}` and `{% %}`.

extension TemplateLexer {
    /// Reads tokens up to the closing bracket of the tag, which it does not step over; nor over the sign before it.
    mutating func lexExpression(
        until first: Unicode.Scalar, _ second: Unicode.Scalar
    ) throws(ChatTemplateError) {
        var openBrackets: [TemplateSymbol] = []
        let startLine = line
        while let current = scalar(at: position) {
            if openBrackets.isEmpty, isTagEnd(first, second) { return }
            if current.isPythonWhitespace {
                advance(by: 1)
            } else if current == "'" || current == "\"" {
                try lexString(quote: current)
            } else if current.isASCIIDigit {
                try lexNumber()
            } else if current == "_" || current.properties.isXIDStart {
                lexName()
            } else {
                try lexSymbol(openBrackets: &openBrackets)
            }
        }
        throw .syntax(line: startLine, message: "the tag that starts here has no end")
    }

    private func isTagEnd(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Bool {
        let takesPlus = first == "%"
        let isSigned = scalar(at: position) == "-" || (takesPlus && scalar(at: position) == "+")
        let start = isSigned ? position + 1 : position
        return scalar(at: start) == first && scalar(at: start + 1) == second
    }

    private mutating func lexName() {
        let start = position
        while let current = scalar(at: position), current == "_" || current.properties.isXIDContinue { position += 1 }
        emit(.name(TemplateString(Array(source[start..<position]), isTrusted: true).text), line: line)
    }

    private mutating func lexSymbol(openBrackets: inout [TemplateSymbol]) throws(ChatTemplateError) {
        guard
            let symbol = TemplateSymbol.allCases.first(where: { symbol in
                symbol.rawValue.unicodeScalars.enumerated().allSatisfy { scalar(at: position + $0) == $1 }
            })
        else {
            throw .syntax(line: line, message: "unexpected character '\(source[position])'")
        }
        switch symbol {
        case .openParenthesis: openBrackets.append(.closeParenthesis)
        case .openBracket: openBrackets.append(.closeBracket)
        case .openBrace: openBrackets.append(.closeBrace)
        case .closeParenthesis, .closeBracket, .closeBrace:
            guard openBrackets.popLast() == symbol else {
                throw .syntax(line: line, message: "unexpected '\(symbol.rawValue)'")
            }
        default: break
        }
        emit(.symbol(symbol), line: line)
        advance(by: symbol.rawValue.unicodeScalars.count)
    }

    private mutating func lexNumber() throws(ChatTemplateError) {
        if scalar(at: position) == "0", let radix = radix(of: scalar(at: position + 1)) {
            position += 2
            return try emitInteger(digits(where: { $0.properties.isASCIIHexDigit }), radix: radix)
        }
        let isAfterDot = position > 0 && source[position - 1] == "."
        var text = digits(where: \.isASCIIDigit)
        var isDouble = false
        if !isAfterDot, scalar(at: position) == ".", scalar(at: position + 1)?.isASCIIDigit ?? false {
            isDouble = true
            position += 1
            text += "." + digits(where: \.isASCIIDigit)
        }
        if !isAfterDot, let exponent = exponentLength() {
            isDouble = true
            text += "e"
            if exponent == 2 { text.unicodeScalars.append(source[position + 1]) }
            position += exponent
            text += digits(where: \.isASCIIDigit)
        }
        guard isDouble else { return try emitInteger(text, radix: 10) }
        guard let value = Double(text) else { throw .syntax(line: line, message: "'\(text)' is not a number") }
        emit(.double(value), line: line)
    }

    private func radix(of letter: Unicode.Scalar?) -> Int? {
        switch letter {
        case "x", "X": 16
        case "o", "O": 8
        case "b", "B": 2
        default: nil
        }
    }

    /// The length of `e`, `e+` or `e-` if digits follow it.
    private func exponentLength() -> Int? {
        guard scalar(at: position) == "e" || scalar(at: position) == "E" else { return nil }
        let hasSign = scalar(at: position + 1) == "+" || scalar(at: position + 1) == "-"
        let length = hasSign ? 2 : 1
        return scalar(at: position + length)?.isASCIIDigit ?? false ? length : nil
    }

    private mutating func digits(where isDigit: (Unicode.Scalar) -> Bool) -> String {
        var text = ""
        while let current = scalar(at: position), isDigit(current) || current == "_" {
            if current != "_" { text.unicodeScalars.append(current) }
            position += 1
        }
        return text
    }

    private mutating func emitInteger(_ digits: String, radix: Int) throws(ChatTemplateError) {
        guard let value = Int(digits, radix: radix) else {
            throw .syntax(line: line, message: "'\(digits)' is not a 64-bit integer")
        }
        emit(.integer(value), line: line)
    }

    mutating func emit(_ kind: TemplateToken.Kind, line: Int) {
        tokens.append(TemplateToken(kind: kind, line: line))
    }
}

extension Unicode.Scalar {
    var isASCIIDigit: Bool {
        ("0"..."9").contains(self)
    }
}

/// Cuts a template into tokens, and white space around tags the way Hugging Face's environment has Jinja do it:
/// `trim_blocks` (the line break after a block is dropped) and `lstrip_blocks` (the indentation before one is dropped),
/// overridden by `-` and `+` next to the brackets.
struct TemplateLexer {
    let source: [Unicode.Scalar]
    var position = 0
    var line = 1
    var tokens: [TemplateToken] = []
    /// True where the last tag swallowed a line break, so that what follows starts a line.
    private var startsLine = true

    /// - Throws: `ChatTemplateError.syntax`.
    static func tokens(of source: String) throws(ChatTemplateError) -> [TemplateToken] {
        var lexer = TemplateLexer(source: normalized(source))
        try lexer.run()
        return lexer.tokens
    }

    private init(source: [Unicode.Scalar]) {
        self.source = source
    }

    /// Jinja reads every line break as `\n` and drops a single one at the end of the template.
    private static func normalized(_ source: String) -> [Unicode.Scalar] {
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(source.utf8.count)
        var previous: Unicode.Scalar = " "
        for scalar in source.unicodeScalars {
            if scalar == "\r" {
                scalars.append("\n")
            } else if scalar != "\n" || previous != "\r" {
                scalars.append(scalar)
            }
            previous = scalar
        }
        if scalars.last == "\n" { scalars.removeLast() }
        return scalars
    }

    private mutating func run() throws(ChatTemplateError) {
        while position < source.count {
            guard let begin = nextTag() else {
                emitData(upTo: source.count)
                break
            }
            switch source[begin + 1] {
            case "{": try lexOutput(at: begin)
            case "#": try lexComment(at: begin)
            default:
                if let raw = rawBegin(at: begin) {
                    try lexRaw(at: begin, contentStart: raw)
                } else {
                    try lexBlock(at: begin)
                }
            }
        }
        tokens.append(TemplateToken(kind: .end, line: line))
    }

    private func nextTag() -> Int? {
        var index = position
        while index + 1 < source.count {
            if source[index] == "{", source[index + 1] == "{" || source[index + 1] == "%" || source[index + 1] == "#" {
                return index
            }
            index += 1
        }
        return nil
    }

    private mutating func lexOutput(at begin: Int) throws(ChatTemplateError) {
        beginTag(at: begin, trimsIndentation: false, emitting: .outputBegin)
        try lexExpression(until: "}", "}")
        if scalar(at: position) == "-" {
            advance(by: 3)
            skipWhitespace()
        } else {
            advance(by: 2)
        }
        startsLine = source[position - 1] == "\n"
        tokens.append(TemplateToken(kind: .outputEnd, line: line))
    }

    private mutating func lexBlock(at begin: Int) throws(ChatTemplateError) {
        beginTag(at: begin, trimsIndentation: true, emitting: .blockBegin)
        try lexExpression(until: "%", "}")
        tokens.append(TemplateToken(kind: .blockEnd, line: line))
        endTag()
    }

    private mutating func lexComment(at begin: Int) throws(ChatTemplateError) {
        let start = line
        beginTag(at: begin, trimsIndentation: true, emitting: nil)
        while !(scalar(at: position) == "#" && scalar(at: position + 1) == "}") {
            guard position < source.count else {
                throw .syntax(line: start, message: "missing end of comment tag")
            }
            advance(by: 1)
        }
        let sign = source[position - 1]
        if sign == "-" || sign == "+" { position -= 1 }
        endTag()
    }

    /// Emits the text before a tag and steps over its opening bracket.
    private mutating func beginTag(at begin: Int, trimsIndentation: Bool, emitting kind: TemplateToken.Kind?) {
        let sign = scalar(at: begin + 2)
        var end = begin
        if sign == "-" {
            while end > position, source[end - 1].isPythonWhitespace { end -= 1 }
        } else if sign != "+", trimsIndentation {
            end = withoutIndentation(upTo: begin)
        }
        emitData(upTo: end)
        advance(by: begin - end)
        if let kind { tokens.append(TemplateToken(kind: kind, line: line)) }
        advance(by: sign == "-" || sign == "+" ? 3 : 2)
    }

    /// Where the white space begins that alone stands between the start of the line and `end`; `end` if there is more.
    private func withoutIndentation(upTo end: Int) -> Int {
        var start = end
        while start > position, source[start - 1] != "\n" {
            guard source[start - 1].isPythonWhitespace else { return end }
            start -= 1
        }
        let isAtLineStart = start > position || startsLine
        return isAtLineStart ? start : end
    }

    /// Steps over `%}` or `#}`, with its sign and the white space it takes along.
    private mutating func endTag() {
        switch scalar(at: position) {
        case "-":
            advance(by: 3)
            skipWhitespace()
        case "+":
            advance(by: 3)
        default:
            advance(by: 2)
            if scalar(at: position) == "\n" { advance(by: 1) }
        }
        startsLine = source[position - 1] == "\n"
    }

    private mutating func emitData(upTo end: Int) {
        guard end > position else { return }
        tokens.append(TemplateToken(kind: .data(Array(source[position..<end])), line: line))
        advance(by: end - position)
    }
}

// `{% raw %}` ... `{% endraw %}`

extension TemplateLexer {
    /// Where the content starts, if `{% raw %}` stands at `begin`.
    private func rawBegin(at begin: Int) -> Int? {
        var index = skippingSign(at: begin + 2)
        guard let afterWord = skippingWord("raw", at: index) else { return nil }
        index = afterWord
        if scalar(at: index) == "-", scalar(at: index + 1) == "%", scalar(at: index + 2) == "}" {
            return skippingWhitespace(at: index + 3)
        }
        return scalar(at: index) == "%" && scalar(at: index + 1) == "}" ? index + 2 : nil
    }

    private mutating func lexRaw(at begin: Int, contentStart: Int) throws(ChatTemplateError) {
        let startLine = line
        beginTag(at: begin, trimsIndentation: true, emitting: nil)
        advance(by: contentStart - position)
        startsLine = source[position - 1] == "\n"
        var index = position
        while index < source.count {
            if source[index] == "{", scalar(at: index + 1) == "%",
                let afterWord = skippingWord("endraw", at: skippingSign(at: index + 2)), isBlockEnd(at: afterWord)
            {
                beginTag(at: index, trimsIndentation: true, emitting: nil)
                advance(by: afterWord - position)
                endTag()
                return
            }
            index += 1
        }
        throw .syntax(line: startLine, message: "missing end of raw directive")
    }

    private func isBlockEnd(at index: Int) -> Bool {
        let start = skippingSign(at: index)
        return scalar(at: start) == "%" && scalar(at: start + 1) == "}"
    }

    private func skippingSign(at index: Int) -> Int {
        scalar(at: index) == "-" || scalar(at: index) == "+" ? index + 1 : index
    }

    private func skippingWhitespace(at start: Int) -> Int {
        var index = start
        while let scalar = scalar(at: index), scalar.isPythonWhitespace { index += 1 }
        return index
    }

    /// The position after the word and the white space around it.
    private func skippingWord(_ word: String, at start: Int) -> Int? {
        let index = skippingWhitespace(at: start)
        let end = index + word.unicodeScalars.count
        guard end <= source.count, source[index..<end].elementsEqual(word.unicodeScalars) else { return nil }
        return skippingWhitespace(at: end)
    }
}

extension TemplateLexer {
    func scalar(at index: Int) -> Unicode.Scalar? {
        index < source.count ? source[index] : nil
    }

    mutating func advance(by count: Int) {
        for _ in 0..<count {
            if source[position] == "\n" { line += 1 }
            position += 1
        }
    }

    mutating func skipWhitespace() {
        advance(by: skippingWhitespace(at: position) - position)
    }
}

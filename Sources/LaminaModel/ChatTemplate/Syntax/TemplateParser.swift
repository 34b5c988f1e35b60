/// Builds the syntax tree of a template: statements here, expressions in an extension.
struct TemplateParser {
    let tokens: [TemplateToken]
    let limits: ChatTemplateLimits
    var position = 0
    var depth = 0
    var loopDepth = 0
    /// The names read since the innermost macro began; tells which of `varargs`, `kwargs` and `caller` it uses.
    var namesRead: Set<String> = []

    /// - Throws: `ChatTemplateError` if the source is not a template we can run.
    static func parse(
        _ source: String, limits: ChatTemplateLimits
    ) throws(ChatTemplateError) -> [TemplateStatement] {
        guard source.utf8.count <= limits.sourceBytes else {
            throw .limitExceeded(line: 1, limit: "\(limits.sourceBytes) bytes of template")
        }
        var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source), limits: limits)
        return try parser.parseBody(until: [])
    }

    private init(tokens: [TemplateToken], limits: ChatTemplateLimits) {
        self.tokens = tokens
        self.limits = limits
    }

    /// Parses up to a block whose first word is in `words`, and steps over its bracket and the word's left side.
    private mutating func parseBody(until words: Set<String>) throws(ChatTemplateError) -> [TemplateStatement] {
        try enter()
        defer { leave() }
        var body: [TemplateStatement] = []
        while true {
            let line = current.line
            switch current.kind {
            case .data(let scalars):
                advance()
                body.append(TemplateStatement(kind: .text(TemplateString(scalars, isTrusted: true)), line: line))
            case .outputBegin:
                advance()
                body.append(TemplateStatement(kind: .output(try parseTuple()), line: line))
                try expect(.outputEnd)
            case .blockBegin:
                advance()
                if case .name(let word) = current.kind, words.contains(word) { return body }
                body.append(TemplateStatement(kind: try parseStatement(), line: line))
                try expect(.blockEnd)
            default:
                guard words.isEmpty, current.kind == .end else {
                    throw failure("expected \(words.sorted().joined(separator: " or ")), found \(current.description)")
                }
                return body
            }
        }
    }

    private mutating func parseStatement() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let word = try expectName()
        switch word {
        case "if": return try parseConditional()
        case "for": return try parseLoop()
        case "set": return try parseSet()
        case "macro": return try parseMacro()
        case "call": return try parseCallBlock()
        case "filter": return try parseFilterBlock()
        case "with": return try parseWith()
        case "generation":
            // Hugging Face's marker of the assistant's tokens in training: prints its body.
            try expect(.blockEnd)
            return .scoped([], try parseBlock("endgeneration"))
        case "break", "continue":
            guard loopDepth > 0 else { throw failure("'\(word)' outside of a loop") }
            return word == "break" ? .breakLoop : .continueLoop
        case "include", "import", "from", "extends", "block", "do", "trans", "autoescape":
            throw .unsupported(line: current.line, construct: "the tag '\(word)'")
        default:
            throw failure("unknown tag '\(word)'")
        }
    }

    /// Parses a body and the word that ends it.
    mutating func parseBlock(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
        let body = try parseBody(until: [end])
        advance()
        return body
    }

    private mutating func parseConditional() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var branches: [ConditionalBranch] = []
        while true {
            let condition = try parseTuple(allowsConditional: false)
            try expect(.blockEnd)
            let body = try parseBody(until: ["elif", "else", "endif"])
            branches.append(ConditionalBranch(condition: condition, body: body))
            switch try expectName() {
            case "elif": continue
            case "else":
                try expect(.blockEnd)
                return .conditional(branches, otherwise: try parseBlock("endif"))
            default: return .conditional(branches, otherwise: [])
            }
        }
    }

    private mutating func parseLoop() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try parseTarget(allowsAttribute: false)
        guard take(name: "in") else { throw failure("expected 'in', found \(current.description)") }
        let sequence = try parseTuple(allowsConditional: false, endsAt: "recursive")
        let condition = take(name: "if") ? try parseExpression() : nil
        let isRecursive = take(name: "recursive")
        try expect(.blockEnd)
        loopDepth += 1
        let body = try parseBody(until: ["else", "endfor"])
        loopDepth -= 1
        var otherwise: [TemplateStatement] = []
        if try expectName() == "else" {
            try expect(.blockEnd)
            otherwise = try parseBlock("endfor")
        }
        return .loop(
            ForStatement(
                target: target, sequence: sequence, condition: condition, isRecursive: isRecursive, body: body,
                otherwise: otherwise))
    }

    private mutating func parseSet() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let target = try parseTarget(allowsAttribute: true)
        if take(.assign) {
            return .assignment(target, try parseTuple())
        }
        var filters: [FilterCall] = []
        while take(.pipe) { filters.append(try parseFilterCall()) }
        try expect(.blockEnd)
        return .capture(target, filters, try parseBlock("endset"))
    }

    private mutating func parseFilterBlock() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var filters = [try parseFilterCall()]
        while take(.pipe) { filters.append(try parseFilterCall()) }
        try expect(.blockEnd)
        return .filterBlock(filters, try parseBlock("endfilter"))
    }

    private mutating func parseWith() throws(ChatTemplateError) -> TemplateStatement.Kind {
        var assignments: [ScopedAssignment] = []
        while current.kind != .blockEnd {
            if !assignments.isEmpty { try expect(.symbol(.comma)) }
            let target = try parseTarget(allowsAttribute: false)
            try expect(.symbol(.assign))
            assignments.append(ScopedAssignment(target: target, value: try parseExpression()))
        }
        advance()
        return .scoped(assignments, try parseBlock("endwith"))
    }

    private mutating func parseTarget(allowsAttribute: Bool) throws(ChatTemplateError) -> AssignmentTarget {
        var targets = [try parseSingleTarget(allowsAttribute: allowsAttribute)]
        var isTuple = false
        while take(.comma) {
            isTuple = true
            guard case .name(let name) = current.kind, name != "in" else {
                guard current.kind == .symbol(.openParenthesis) else { break }
                targets.append(try parseSingleTarget(allowsAttribute: allowsAttribute))
                continue
            }
            targets.append(try parseSingleTarget(allowsAttribute: allowsAttribute))
        }
        return isTuple ? .tuple(targets) : targets[0]
    }

    private mutating func parseSingleTarget(allowsAttribute: Bool) throws(ChatTemplateError) -> AssignmentTarget {
        if take(.openParenthesis) {
            try enter()
            defer { leave() }
            let target = try parseTarget(allowsAttribute: allowsAttribute)
            try expect(.symbol(.closeParenthesis))
            return target
        }
        let name = try expectName()
        guard !["true", "false", "none", "True", "False", "None"].contains(name) else {
            throw failure("cannot assign to '\(name)'")
        }
        if allowsAttribute, take(.dot) {
            return .attribute(namespace: name, name: try expectName())
        }
        return .name(name)
    }
}

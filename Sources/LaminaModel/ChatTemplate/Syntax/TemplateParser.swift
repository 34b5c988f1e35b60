/// Builds the syntax tree of a template: statements here, expressions in an extension.
struct TemplateParser {
    private let tokens: [TemplateToken]
    private let limits: ChatTemplateLimits
    private var position = 0
    private var depth = 0
    private var loopDepth = 0
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
    private mutating func parseBlock(_ end: String) throws(ChatTemplateError) -> [TemplateStatement] {
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

    private mutating func parseMacro() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let name = try expectName()
        return .macro(try parseMacroRest(name: name, parameters: try parseParameters(), end: "endmacro"))
    }

    private mutating func parseCallBlock() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let parameters = current.kind == .symbol(.openParenthesis) ? try parseParameters() : []
        let call = try parseExpression()
        guard case .call = call else { throw failure("expected a call") }
        return .callBlock(try parseMacroRest(name: "caller", parameters: parameters, end: "endcall"), call: call)
    }

    /// Parses the body of a macro, and notes which of the special names it reads.
    private mutating func parseMacroRest(
        name: String, parameters: [MacroDefinition.Parameter], end: String
    ) throws(ChatTemplateError) -> MacroDefinition {
        try expect(.blockEnd)
        let outerNames = namesRead
        let outerLoopDepth = loopDepth
        namesRead = []
        loopDepth = 0
        defer {
            namesRead.formUnion(outerNames)
            loopDepth = outerLoopDepth
        }
        let body = try parseBlock(end)
        return MacroDefinition(
            name: name, parameters: parameters, body: body, takesSurplusPositional: namesRead.contains("varargs"),
            takesSurplusKeyword: namesRead.contains("kwargs"), takesCaller: namesRead.contains("caller"))
    }

    private mutating func parseParameters() throws(ChatTemplateError) -> [MacroDefinition.Parameter] {
        try expect(.symbol(.openParenthesis))
        var parameters: [MacroDefinition.Parameter] = []
        while current.kind != .symbol(.closeParenthesis) {
            if !parameters.isEmpty { try expect(.symbol(.comma)) }
            let name = try expectName()
            let defaultValue = take(.assign) ? try parseExpression() : nil
            if defaultValue == nil, let last = parameters.last, last.defaultValue != nil {
                throw failure("a parameter without a default follows one with a default")
            }
            parameters.append(MacroDefinition.Parameter(name: name, defaultValue: defaultValue))
        }
        advance()
        return parameters
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

// The token stream

extension TemplateParser {
    var current: TemplateToken { tokens[position] }

    /// The token after the current one; at the end, the end.
    var next: TemplateToken { tokens[min(position + 1, tokens.count - 1)] }

    mutating func advance() {
        position = min(position + 1, tokens.count - 1)
    }

    mutating func take(_ symbol: TemplateSymbol) -> Bool {
        guard current.kind == .symbol(symbol) else { return false }
        advance()
        return true
    }

    mutating func take(name: String) -> Bool {
        guard current.kind == .name(name) else { return false }
        advance()
        return true
    }

    mutating func expect(_ kind: TemplateToken.Kind) throws(ChatTemplateError) {
        guard current.kind == kind else {
            let expected = TemplateToken(kind: kind, line: current.line).description
            throw failure("expected \(expected), found \(current.description)")
        }
        advance()
    }

    mutating func expectName() throws(ChatTemplateError) -> String {
        guard case .name(let name) = current.kind else {
            throw failure("expected a name, found \(current.description)")
        }
        advance()
        return name
    }

    func failure(_ message: String) -> ChatTemplateError {
        .syntax(line: current.line, message: message)
    }

    /// Counts one level of nesting.
    mutating func enter() throws(ChatTemplateError) {
        guard depth < limits.syntaxDepth else {
            throw .limitExceeded(line: current.line, limit: "\(limits.syntaxDepth) levels of nesting")
        }
        depth += 1
    }

    mutating func leave() {
        depth -= 1
    }
}

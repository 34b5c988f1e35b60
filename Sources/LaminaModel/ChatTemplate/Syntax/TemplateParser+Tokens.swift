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

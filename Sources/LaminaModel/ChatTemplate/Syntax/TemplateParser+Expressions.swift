// Expressions, in the order of precedence that Jinja gives them: conditional, or, and, not, comparison, + -, ~, * / // %,
// **, unary, postfix, filters and tests.

extension TemplateParser {
    /// Parses an expression, or a tuple if commas follow.
    mutating func parseTuple(
        allowsConditional: Bool = true, endsAt word: String? = nil, isParenthesized: Bool = false
    ) throws(ChatTemplateError) -> TemplateExpression {
        var elements: [TemplateExpression] = []
        var isTuple = false
        while !endsTuple(at: word) {
            elements.append(try parseExpression(allowsConditional: allowsConditional))
            guard take(.comma) else { break }
            isTuple = true
        }
        if isTuple || (elements.isEmpty && isParenthesized) { return .tuple(elements) }
        guard let only = elements.first else {
            throw failure("expected an expression, found \(current.description)")
        }
        return only
    }

    private func endsTuple(at word: String?) -> Bool {
        switch current.kind {
        case .outputEnd, .blockEnd, .symbol(.closeParenthesis): true
        case .name(let name): name == word
        default: false
        }
    }

    mutating func parseExpression(allowsConditional: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        try enter()
        defer { leave() }
        var expression = try parseOr()
        var links = 0
        defer { for _ in 0..<links { leave() } }
        while allowsConditional, take(name: "if") {
            let condition = try parseOr()
            let otherwise = take(name: "else") ? try parseExpression() : nil
            try enter()
            links += 1
            expression = .conditional(condition: condition, then: expression, otherwise: otherwise)
        }
        return expression
    }

    private mutating func parseOr() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try parseAnd()]
        while take(name: "or") { operands.append(try parseAnd()) }
        return operands.count == 1 ? operands[0] : .or(operands)
    }

    private mutating func parseAnd() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try parseNot()]
        while take(name: "and") { operands.append(try parseNot()) }
        return operands.count == 1 ? operands[0] : .and(operands)
    }

    private mutating func parseNot() throws(ChatTemplateError) -> TemplateExpression {
        guard take(name: "not") else { return try parseComparison() }
        try enter()
        defer { leave() }
        return .not(try parseNot())
    }

    private mutating func parseComparison() throws(ChatTemplateError) -> TemplateExpression {
        let first = try parseSum()
        var steps: [ComparisonStep] = []
        while let operation = takeComparisonOperator() {
            steps.append(ComparisonStep(operation: operation, operand: try parseSum()))
        }
        return steps.isEmpty ? first : .comparison(first, steps)
    }

    private mutating func takeComparisonOperator() -> ComparisonOperator? {
        if take(.equal) { return .equal }
        if take(.notEqual) { return .notEqual }
        if take(.less) { return .less }
        if take(.lessOrEqual) { return .lessOrEqual }
        if take(.greater) { return .greater }
        if take(.greaterOrEqual) { return .greaterOrEqual }
        if take(name: "in") { return .isIn }
        guard current.kind == .name("not"), next.kind == .name("in") else { return nil }
        advance()
        advance()
        return .isNotIn
    }

    private mutating func parseSum() throws(ChatTemplateError) -> TemplateExpression {
        let first = try parseConcatenation()
        var steps: [ArithmeticStep] = []
        while true {
            let operation: ArithmeticOperator
            if take(.plus) {
                operation = .add
            } else if take(.minus) {
                operation = .subtract
            } else {
                return steps.isEmpty ? first : .arithmetic(first, steps)
            }
            steps.append(ArithmeticStep(operation: operation, operand: try parseConcatenation()))
        }
    }

    private mutating func parseConcatenation() throws(ChatTemplateError) -> TemplateExpression {
        var operands = [try parseProduct()]
        while take(.tilde) { operands.append(try parseProduct()) }
        return operands.count == 1 ? operands[0] : .concatenation(operands)
    }

    private mutating func parseProduct() throws(ChatTemplateError) -> TemplateExpression {
        let first = try parsePower()
        var steps: [ArithmeticStep] = []
        while true {
            let operation: ArithmeticOperator
            if take(.multiply) {
                operation = .multiply
            } else if take(.divide) {
                operation = .divide
            } else if take(.floorDivide) {
                operation = .floorDivide
            } else if take(.modulo) {
                operation = .modulo
            } else {
                return steps.isEmpty ? first : .arithmetic(first, steps)
            }
            steps.append(ArithmeticStep(operation: operation, operand: try parsePower()))
        }
    }

    private mutating func parsePower() throws(ChatTemplateError) -> TemplateExpression {
        let first = try parseUnary()
        var steps: [ArithmeticStep] = []
        while take(.power) {
            steps.append(ArithmeticStep(operation: .power, operand: try parseUnary()))
        }
        return steps.isEmpty ? first : .arithmetic(first, steps)
    }

    private mutating func parseUnary(takesFilters: Bool = true) throws(ChatTemplateError) -> TemplateExpression {
        try enter()
        defer { leave() }
        var expression: TemplateExpression
        if take(.minus) {
            expression = .negative(try parseUnary(takesFilters: false))
        } else if take(.plus) {
            expression = .positive(try parseUnary(takesFilters: false))
        } else {
            expression = try parsePrimary()
        }
        expression = try parsePostfix(expression)
        return takesFilters ? try parseFiltersAndTests(expression) : expression
    }

    /// The single operand of a test written without parentheses.
    mutating func parseTestOperand() throws(ChatTemplateError) -> TemplateExpression {
        try enter()
        defer { leave() }
        return try parsePostfix(try parsePrimary())
    }

    private mutating func parsePrimary() throws(ChatTemplateError) -> TemplateExpression {
        let token = current
        switch token.kind {
        case .name(let name):
            advance()
            return namedPrimary(name)
        case .string(var text):
            advance()
            while case .string(let more) = current.kind {
                text += more
                advance()
            }
            return .constant(.string(TemplateString(text, isTrusted: true)))
        case .integer(let value):
            advance()
            return .constant(.integer(value))
        case .double(let value):
            advance()
            return .constant(.double(value))
        case .symbol(.openParenthesis):
            advance()
            let expression = try parseTuple(isParenthesized: true)
            try expect(.symbol(.closeParenthesis))
            return expression
        case .symbol(.openBracket): return try parseList()
        case .symbol(.openBrace): return try parseDictionary()
        default: throw failure("unexpected \(token.description)")
        }
    }

    private mutating func namedPrimary(_ name: String) -> TemplateExpression {
        switch name {
        case "true", "True": return .constant(.bool(true))
        case "false", "False": return .constant(.bool(false))
        case "none", "None": return .constant(.none)
        default:
            namesRead.insert(name)
            return .name(name)
        }
    }

    private mutating func parseList() throws(ChatTemplateError) -> TemplateExpression {
        advance()
        var elements: [TemplateExpression] = []
        while !take(.closeBracket) {
            elements.append(try parseExpression())
            guard take(.comma) || current.kind == .symbol(.closeBracket) else {
                throw failure("expected ',' or ']', found \(current.description)")
            }
        }
        return .list(elements)
    }

    private mutating func parseDictionary() throws(ChatTemplateError) -> TemplateExpression {
        advance()
        var items: [DictionaryItem] = []
        while !take(.closeBrace) {
            let key = try parseExpression()
            try expect(.symbol(.colon))
            items.append(DictionaryItem(key: key, value: try parseExpression()))
            guard take(.comma) || current.kind == .symbol(.closeBrace) else {
                throw failure("expected ',' or '}', found \(current.description)")
            }
        }
        return .dictionary(items)
    }
}

// What can follow a primary expression: attributes, subscripts, calls, filters and tests.

extension TemplateParser {
    mutating func parsePostfix(_ start: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var expression = start
        var links = 0
        defer { for _ in 0..<links { leave() } }
        while true {
            switch current.kind {
            case .symbol(.dot): expression = try parseAttribute(of: expression)
            case .symbol(.openBracket): expression = try parseSubscript(of: expression)
            case .symbol(.openParenthesis): expression = .call(expression, try parseArguments())
            default: return expression
            }
            try enter()
            links += 1
        }
    }

    mutating func parseFiltersAndTests(_ start: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        var expression = start
        var links = 0
        defer { for _ in 0..<links { leave() } }
        while true {
            if take(.pipe) {
                expression = .filter(expression, try parseFilterCall())
            } else if take(name: "is") {
                expression = try parseTest(of: expression)
            } else if current.kind == .symbol(.openParenthesis) {
                expression = .call(expression, try parseArguments())
            } else {
                return expression
            }
            try enter()
            links += 1
        }
    }

    mutating func parseFilterCall() throws(ChatTemplateError) -> FilterCall {
        let name = try parseDottedName()
        let arguments = current.kind == .symbol(.openParenthesis) ? try parseArguments() : CallArguments()
        return FilterCall(name: name, arguments: arguments)
    }

    private mutating func parseDottedName() throws(ChatTemplateError) -> String {
        var name = try expectName()
        while take(.dot) { name += "." + (try expectName()) }
        return name
    }

    private mutating func parseTest(of expression: TemplateExpression) throws(ChatTemplateError) -> TemplateExpression {
        let isNegated = take(name: "not")
        let name = try parseDottedName()
        var arguments = CallArguments()
        switch current.kind {
        case .symbol(.openParenthesis):
            arguments = try parseArguments()
        case .name("else"), .name("or"), .name("and"):
            break
        case .name("is"):
            throw failure("tests with 'is' cannot be chained")
        case .name, .string, .integer, .double, .symbol(.openBracket), .symbol(.openBrace):
            arguments.positional = [try parseTestOperand()]
        default:
            break
        }
        let test = TemplateExpression.test(expression, name: name, arguments)
        return isNegated ? .not(test) : test
    }

    private mutating func parseAttribute(
        of expression: TemplateExpression
    ) throws(ChatTemplateError) -> TemplateExpression {
        advance()
        switch current.kind {
        case .name(let name):
            advance()
            return .attribute(expression, name: name)
        case .integer(let index):
            advance()
            return .item(expression, key: .constant(.integer(index)))
        default:
            throw failure("expected a name or a number after '.', found \(current.description)")
        }
    }

    private mutating func parseSubscript(
        of expression: TemplateExpression
    ) throws(ChatTemplateError) -> TemplateExpression {
        advance()
        let start = current.kind == .symbol(.colon) ? nil : try parseExpression()
        guard take(.colon) else {
            guard let start else { throw failure("expected a subscript") }
            try expect(.symbol(.closeBracket))
            return .item(expression, key: start)
        }
        let stop = try parseSliceBound()
        let step = take(.colon) ? try parseSliceBound() : nil
        try expect(.symbol(.closeBracket))
        return .slice(expression, start: start, stop: stop, step: step)
    }

    private mutating func parseSliceBound() throws(ChatTemplateError) -> TemplateExpression? {
        switch current.kind {
        case .symbol(.colon), .symbol(.closeBracket): nil
        default: try parseExpression()
        }
    }

    /// Parses the parentheses of a call.
    mutating func parseArguments() throws(ChatTemplateError) -> CallArguments {
        try expect(.symbol(.openParenthesis))
        var arguments = CallArguments()
        while !take(.closeParenthesis) {
            try parseArgument(into: &arguments)
            guard take(.comma) || current.kind == .symbol(.closeParenthesis) else {
                throw failure("expected ',' or ')', found \(current.description)")
            }
        }
        return arguments
    }

    private mutating func parseArgument(into arguments: inout CallArguments) throws(ChatTemplateError) {
        let mayBePositional = arguments.unpackedDictionary == nil && arguments.unpackedList == nil
        if take(.multiply) {
            guard mayBePositional else { throw failure("'*' must come once and before '**'") }
            arguments.unpackedList = try parseExpression()
        } else if take(.power) {
            guard arguments.unpackedDictionary == nil else { throw failure("'**' must come once") }
            arguments.unpackedDictionary = try parseExpression()
        } else if case .name(let name) = current.kind, next.kind == .symbol(.assign) {
            guard arguments.unpackedDictionary == nil else { throw failure("a named argument follows '**'") }
            advance()
            advance()
            arguments.keyword.append(KeywordArgument(name: name, value: try parseExpression()))
        } else {
            guard mayBePositional, arguments.keyword.isEmpty else {
                throw failure("a positional argument follows a named one")
            }
            arguments.positional.append(try parseExpression())
        }
    }
}

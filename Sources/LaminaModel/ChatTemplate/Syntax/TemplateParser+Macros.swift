// Macros and `call` blocks.

extension TemplateParser {
    mutating func parseMacro() throws(ChatTemplateError) -> TemplateStatement.Kind {
        let name = try expectName()
        return .macro(try parseMacroRest(name: name, parameters: try parseParameters(), end: "endmacro"))
    }

    mutating func parseCallBlock() throws(ChatTemplateError) -> TemplateStatement.Kind {
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
}

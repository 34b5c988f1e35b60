// Calls: filters, methods, macros and the global functions.

extension TemplateEvaluator {
    func evaluate(_ arguments: CallArguments, in scope: TemplateScope) throws -> TemplateArguments {
        var values = TemplateArguments()
        values.positional = try arguments.positional.map { try evaluate($0, in: scope) }
        values.keyword = try arguments.keyword.map { ($0.name, try evaluate($0.value, in: scope)) }
        if let list = arguments.unpackedList {
            values.positional += try items(of: try evaluate(list, in: scope))
        }
        if let dictionary = arguments.unpackedDictionary {
            guard case .dictionary(let entries) = try evaluate(dictionary, in: scope) else {
                throw TemplateFailure.evaluation("'**' needs a dictionary")
            }
            for entry in entries.entries {
                values.keyword.append((try entry.key.requireText("the name of an argument").text, entry.value))
            }
        }
        return values
    }

    func apply(_ filter: FilterCall, to value: TemplateValue, in scope: TemplateScope) throws -> TemplateValue {
        try apply(filter: filter.name, to: value, try evaluate(filter.arguments, in: scope))
    }

    func apply(filter name: String, to value: TemplateValue, _ arguments: TemplateArguments) throws -> TemplateValue {
        guard let filter = TemplateFilters.all[name] else { throw TemplateFailure.unsupported("the filter '\(name)'") }
        return try admitted(try filter(value, arguments, self))
    }

    func call(_ callee: TemplateValue, _ arguments: TemplateArguments) throws -> TemplateValue {
        switch callee {
        case .callable(.global(let global)):
            return try admitted(try call(global, arguments))
        case .callable(.method(let receiver, let name)):
            return try admitted(try TemplateMethods.call(name, on: receiver, arguments, self))
        case .callable(.macro(let macro)):
            return .string(try call(macro, arguments))
        case .callable(.loopMethod(let loop, let name)):
            if name == "changed" { return .bool(try hasChanged(arguments.positional, in: loop)) }
            guard !arguments.positional.isEmpty else { throw TemplateFailure.evaluation("'loop.cycle' needs values") }
            return arguments.positional[loop.position % arguments.positional.count]
        case .loop(let loop):
            return .string(try recurse(into: loop, arguments))
        case .undefined(let hint):
            throw TemplateFailure.undefined(hint)
        default:
            throw TemplateFailure.evaluation("\(callee.typeName) cannot be called")
        }
    }

    func callBlock(
        _ definition: MacroDefinition, call expression: TemplateExpression, in scope: TemplateScope
    ) throws -> TemplateValue {
        guard case .call(let callee, let arguments) = expression else {
            throw TemplateFailure.unsupported("a 'call' block without a call")
        }
        var values = try evaluate(arguments, in: scope)
        values.keyword.append(("caller", .callable(.macro(makeMacro(definition, in: scope)))))
        return try call(try evaluate(callee, in: scope), values)
    }

    private func call(_ macro: TemplateMacro, _ arguments: TemplateArguments) throws -> TemplateString {
        let definition = macro.definition
        let scope = TemplateScope(parent: macro.scope)
        var keyword = arguments.keyword
        if definition.takesCaller, !definition.parameters.contains(where: { $0.name == "caller" }) {
            let caller = keyword.firstIndex { $0.name == "caller" }.map { keyword.remove(at: $0).value }
            scope.define("caller", caller ?? .undefined(hint: "no caller is defined"))
        }
        let surplus = Array(arguments.positional.dropFirst(definition.parameters.count))
        guard surplus.isEmpty || definition.takesSurplusPositional else {
            throw TemplateFailure.evaluation(
                "macro '\(definition.name)' takes at most \(definition.parameters.count) arguments")
        }
        for (position, parameter) in definition.parameters.enumerated() {
            let named = keyword.firstIndex { $0.name == parameter.name }.map { keyword.remove(at: $0).value }
            if position < arguments.positional.count {
                guard named == nil else {
                    throw TemplateFailure.evaluation(
                        "macro '\(definition.name)' got two values for '\(parameter.name)'")
                }
                scope.define(parameter.name, arguments.positional[position])
            } else if let named {
                scope.define(parameter.name, named)
            } else {
                scope.define(parameter.name, try defaultValue(of: parameter, in: scope))
            }
        }
        scope.define("varargs", .tuple(TemplateList(surplus)))
        try defineSurplus(keyword, of: definition, in: scope)
        return try runBody(of: definition, in: scope)
    }

    private func defaultValue(
        of parameter: MacroDefinition.Parameter, in scope: TemplateScope
    ) throws -> TemplateValue {
        guard let expression = parameter.defaultValue else {
            return .undefined(hint: "parameter '\(parameter.name)' was not provided")
        }
        return try evaluate(expression, in: scope)
    }

    private func defineSurplus(
        _ keyword: [(name: String, value: TemplateValue)], of definition: MacroDefinition, in scope: TemplateScope
    ) throws {
        if let first = keyword.first, !definition.takesSurplusKeyword {
            throw TemplateFailure.evaluation("macro '\(definition.name)' has no parameter '\(first.name)'")
        }
        var dictionary = TemplateDictionary()
        for (name, value) in keyword { try dictionary.set(value, for: .trusted(name)) }
        scope.define("kwargs", .dictionary(dictionary))
    }

    private func runBody(of definition: MacroDefinition, in scope: TemplateScope) throws -> TemplateString {
        var output = TemplateString()
        _ = try execute(definition.body, in: scope, into: &output)
        return output
    }

    /// `loop.changed`: true if the values differ from those of the last call.
    private func hasChanged(_ values: [TemplateValue], in loop: TemplateLoop) throws -> Bool {
        defer { loop.lastChanged = values }
        guard let last = loop.lastChanged, last.count == values.count else { return true }
        return try !zip(last, values).allSatisfy { try equal($0, $1) }
    }

    private func recurse(into loop: TemplateLoop, _ arguments: TemplateArguments) throws -> TemplateString {
        guard loop.statement.isRecursive else {
            throw TemplateFailure.evaluation("the loop is not marked 'recursive' and cannot be called")
        }
        guard let value = arguments.positional.first, arguments.positional.count == 1 else {
            throw TemplateFailure.evaluation("'loop' takes one argument")
        }
        var output = TemplateString()
        try execute(loop.statement, over: try items(of: value), depth: loop.depth + 1, in: loop.scope, into: &output)
        return output
    }
}

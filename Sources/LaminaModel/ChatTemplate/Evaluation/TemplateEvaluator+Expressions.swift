// Expressions.

extension TemplateEvaluator {
    func evaluate(_ expression: TemplateExpression, in scope: TemplateScope) throws -> TemplateValue {
        try budget.enter()
        defer { budget.leave() }
        switch expression {
        case .constant(let constant):
            return constant.value
        case .name(let name):
            return scope.value(of: name) ?? .undefined(hint: "'\(name)' is undefined")
        case .list(let elements):
            return try admitted(.list(try elements.map { try evaluate($0, in: scope) }))
        case .tuple(let elements):
            return try admitted(.tuple(TemplateList(try elements.map { try evaluate($0, in: scope) })))
        case .dictionary(let items):
            return try admitted(try dictionary(items, in: scope))
        case .attribute(let value, let name):
            return try attribute(name, of: try evaluate(value, in: scope))
        case .item(let value, let key):
            return try item(try evaluate(key, in: scope), of: try evaluate(value, in: scope))
        case .slice(let value, let start, let stop, let step):
            let bounds = try [start, stop, step].map { try $0.map { try evaluate($0, in: scope) } }
            return try slice(try evaluate(value, in: scope), start: bounds[0], stop: bounds[1], step: bounds[2])
        case .call(let callee, let arguments):
            return try call(try evaluate(callee, in: scope), try evaluate(arguments, in: scope))
        case .filter(let value, let filter):
            return try apply(filter, to: try evaluate(value, in: scope), in: scope)
        case .test(let value, let name, let arguments):
            let value = try evaluate(value, in: scope)
            return .bool(try TemplateTests.check(name, value, try evaluate(arguments, in: scope), self))
        default:
            return try evaluateOperation(expression, in: scope)
        }
    }

    private func evaluateOperation(
        _ expression: TemplateExpression, in scope: TemplateScope
    ) throws -> TemplateValue {
        switch expression {
        case .not(let operand):
            return .bool(!(try evaluate(operand, in: scope).isTruthy))
        case .negative(let operand):
            return try TemplateArithmetic.negative(try evaluate(operand, in: scope))
        case .positive(let operand):
            return try TemplateArithmetic.positive(try evaluate(operand, in: scope))
        case .arithmetic(let first, let steps):
            return try steps.reduce(try evaluate(first, in: scope)) { left, step in
                let right = try evaluate(step.operand, in: scope)
                return try TemplateArithmetic.apply(step.operation, left, right, &budget)
            }
        case .comparison(let first, let steps):
            return .bool(try compare(first, steps, in: scope))
        case .concatenation(let operands):
            return .string(try concatenate(try operands.map { try evaluate($0, in: scope) }))
        case .and(let operands):
            return try firstDeciding(operands, isTruthy: false, in: scope)
        case .or(let operands):
            return try firstDeciding(operands, isTruthy: true, in: scope)
        case .conditional(let condition, let then, let otherwise):
            if try evaluate(condition, in: scope).isTruthy { return try evaluate(then, in: scope) }
            guard let otherwise else {
                return .undefined(hint: "the inline if-expression was false and has no else")
            }
            return try evaluate(otherwise, in: scope)
        default:
            throw TemplateFailure.unsupported("this expression")
        }
    }

    /// The value of the first operand with the given truth, else of the last.
    private func firstDeciding(
        _ operands: [TemplateExpression], isTruthy: Bool, in scope: TemplateScope
    ) throws -> TemplateValue {
        var value = TemplateValue.none
        for operand in operands {
            value = try evaluate(operand, in: scope)
            if value.isTruthy == isTruthy { break }
        }
        return value
    }

    private func dictionary(_ items: [DictionaryItem], in scope: TemplateScope) throws -> TemplateValue {
        var dictionary = TemplateDictionary()
        for item in items {
            try dictionary.set(try evaluate(item.value, in: scope), for: try evaluate(item.key, in: scope))
        }
        return .dictionary(dictionary)
    }

    private func compare(
        _ first: TemplateExpression, _ steps: [ComparisonStep], in scope: TemplateScope
    ) throws -> Bool {
        var left = try evaluate(first, in: scope)
        for step in steps {
            let right = try evaluate(step.operand, in: scope)
            guard try compare(left, step.operation, right) else { return false }
            left = right
        }
        return true
    }

    func compare(_ left: TemplateValue, _ operation: ComparisonOperator, _ right: TemplateValue) throws -> Bool {
        switch operation {
        case .equal: return try equal(left, right)
        case .notEqual: return !(try equal(left, right))
        case .isIn: return try contains(right, left)
        case .isNotIn: return !(try contains(right, left))
        case .less: return try isLess(left, right)
        case .greater: return try isLess(right, left)
        case .lessOrEqual: return try !isLess(right, left)
        case .greaterOrEqual: return try !isLess(left, right)
        }
    }

    func equal(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        try budget.spend(min(left.size, right.size) / 16)
        return left.equals(right)
    }

    func isLess(_ left: TemplateValue, _ right: TemplateValue) throws -> Bool {
        try budget.spend(min(left.size, right.size) / 16)
        return try left.isLess(than: right)
    }

    /// Python's `element in container`.
    func contains(_ container: TemplateValue, _ element: TemplateValue) throws -> Bool {
        switch container {
        case .string(let text):
            guard case .string(let part) = element else {
                throw TemplateFailure.evaluation("cannot look for \(element.typeName) in a string")
            }
            try budget.spend(text.count)
            return part.isEmpty || !text.ranges(of: part, limit: 1).isEmpty
        case .dictionary(let dictionary):
            return dictionary.value(for: element) != nil
        default:
            return try items(of: container).contains { try equal($0, element) }
        }
    }

    func concatenate(_ values: [TemplateValue]) throws -> TemplateString {
        var result = TemplateString()
        for value in values {
            let text = try printed(value)
            try budget.spendText(result.count + text.count)
            result.append(text)
        }
        return result
    }

    /// The printed form of a value, paid for.
    func printed(_ value: TemplateValue) throws -> TemplateString {
        if case .string(let text) = value { return text }
        try budget.spendText(value.size)
        return value.printed
    }

    /// What a `for` goes through: elements, keys, characters; nothing for an undefined value.
    func items(of value: TemplateValue) throws -> [TemplateValue] {
        switch value {
        case .undefined: return []
        case .list(let list), .tuple(let list):
            try budget.spend(list.elements.count)
            return list.elements
        case .dictionary(let dictionary):
            try budget.spend(dictionary.count)
            return dictionary.entries.map(\.key)
        case .generator(let generator):
            return generator.takeAll()
        case .string(let text):
            try budget.spend(text.count)
            return (0..<text.count).map { .string(text.slice($0..<$0 + 1)) }
        case .loop(let loop): return loop.items
        default: throw TemplateFailure.evaluation("cannot go through the elements of \(value.typeName)")
        }
    }

    /// The value, unless it is nested too deep.
    func admitted(_ value: TemplateValue) throws -> TemplateValue {
        try budget.admit(value)
        return value
    }
}

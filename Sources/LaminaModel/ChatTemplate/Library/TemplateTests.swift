/// The tests behind `is`.
enum TemplateTests {
    /// The tests that take an operand.
    private static let comparisons: [String: ComparisonOperator] = [
        "eq": .equal, "equalto": .equal, "==": .equal, "ne": .notEqual, "!=": .notEqual, "lt": .less, "<": .less,
        "lessthan": .less, "le": .lessOrEqual, "<=": .lessOrEqual, "gt": .greater, ">": .greater,
        "greaterthan": .greater, "ge": .greaterOrEqual, ">=": .greaterOrEqual, "in": .isIn,
    ]

    /// True if the value passes the test.
    ///
    /// - Throws: `TemplateFailure` for an unknown test, or a value it does not apply to.
    static func check(
        _ name: String, _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator
    ) throws -> Bool {
        if let comparison = comparisons[name] {
            return try evaluator.compare(value, comparison, try operand(arguments, name))
        }
        switch name {
        case "divisibleby":
            let divisor = try operand(arguments, name).requireInteger("the operand of 'divisibleby'")
            guard divisor != 0 else { throw TemplateFailure.evaluation("division by zero") }
            return try integer(value, name).isMultiple(of: divisor)
        case "sameas":
            return isSame(value, try operand(arguments, name))
        default:
            _ = try arguments.bind([], to: name)
            return try check(name, value)
        }
    }

    private static func check(_ name: String, _ value: TemplateValue) throws -> Bool {
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none": if case .none = value { return true } else { return false }
        case "boolean": if case .bool = value { return true } else { return false }
        case "true": if case .bool(true) = value { return true } else { return false }
        case "false": if case .bool(false) = value { return true } else { return false }
        case "string": if case .string = value { return true } else { return false }
        case "integer": if case .integer = value { return true } else { return false }
        case "float": if case .double = value { return true } else { return false }
        case "number": return value.asDouble != nil
        case "mapping": if case .dictionary = value { return true } else { return false }
        case "iterable": return isIterable(value)
        case "sequence": return isSequence(value)
        case "callable": if case .callable = value { return true } else { return false }
        case "odd": return !(try integer(value, name).isMultiple(of: 2))
        case "even": return try integer(value, name).isMultiple(of: 2)
        case "lower", "upper":
            let text = value.printed
            let other = name == "lower" ? text.uppercased() : text.lowercased()
            let same = name == "lower" ? text.lowercased() : text.uppercased()
            return text == same && text != other
        case "escaped": return false
        default: throw TemplateFailure.unsupported("the test '\(name)'")
        }
    }

    private static func operand(_ arguments: TemplateArguments, _ name: String) throws -> TemplateValue {
        guard let operand = try arguments.bind(["other"], to: name)[0] else {
            throw TemplateFailure.evaluation("the test '\(name)' needs an operand")
        }
        return operand
    }

    private static func integer(_ value: TemplateValue, _ name: String) throws -> Int {
        if case .undefined(let hint) = value { throw TemplateFailure.undefined(hint) }
        return try value.requireInteger("the value of the test '\(name)'")
    }

    private static func isIterable(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined, .string, .list, .tuple, .dictionary, .generator, .loop: true
        default: false
        }
    }

    private static func isSequence(_ value: TemplateValue) -> Bool {
        switch value {
        case .undefined, .string, .list, .tuple, .dictionary: true
        default: false
        }
    }

    /// Python's `is`, as far as it means something for values: the same kind and equal.
    private static func isSame(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
        left.typeName == right.typeName && left.equals(right)
    }
}

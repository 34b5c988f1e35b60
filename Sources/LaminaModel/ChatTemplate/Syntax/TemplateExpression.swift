/// An expression, as parsed.
indirect enum TemplateExpression: Sendable {
    case constant(TemplateConstant)
    case name(String)
    case list([TemplateExpression])
    case tuple([TemplateExpression])
    case dictionary([DictionaryItem])
    /// `value.name`
    case attribute(TemplateExpression, name: String)
    /// `value[key]`
    case item(TemplateExpression, key: TemplateExpression)
    /// `value[start:stop:step]`
    case slice(TemplateExpression, start: TemplateExpression?, stop: TemplateExpression?, step: TemplateExpression?)
    case call(TemplateExpression, CallArguments)
    case filter(TemplateExpression, FilterCall)
    case test(TemplateExpression, name: String, CallArguments)
    case not(TemplateExpression)
    case negative(TemplateExpression)
    case positive(TemplateExpression)
    /// A chain of operators of one precedence, evaluated from the left.
    case arithmetic(TemplateExpression, [ArithmeticStep])
    /// `a < b < c`
    case comparison(TemplateExpression, [ComparisonStep])
    /// `a ~ b ~ c`
    case concatenation([TemplateExpression])
    case and([TemplateExpression])
    case or([TemplateExpression])
    /// `a if condition else b`
    case conditional(condition: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
}

/// A literal.
enum TemplateConstant: Sendable {
    case none
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(TemplateString)

    var value: TemplateValue {
        switch self {
        case .none: .none
        case .bool(let value): .bool(value)
        case .integer(let value): .integer(value)
        case .double(let value): .double(value)
        case .string(let value): .string(value)
        }
    }
}

/// `key: value` in a dictionary literal.
struct DictionaryItem: Sendable {
    let key: TemplateExpression
    let value: TemplateExpression
}

/// The operators of arithmetic.
enum ArithmeticOperator: Sendable {
    case add, subtract, multiply, divide, floorDivide, modulo, power
}

/// An operator and its right operand.
struct ArithmeticStep: Sendable {
    let operation: ArithmeticOperator
    let operand: TemplateExpression
}

/// The operators of comparison.
enum ComparisonOperator: Sendable {
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual, isIn, isNotIn
}

/// An operator and its right operand.
struct ComparisonStep: Sendable {
    let operation: ComparisonOperator
    let operand: TemplateExpression
}

/// What stands in the parentheses of a call.
struct CallArguments: Sendable {
    var positional: [TemplateExpression] = []
    var keyword: [KeywordArgument] = []
    /// `*values`
    var unpackedList: TemplateExpression?
    /// `**values`
    var unpackedDictionary: TemplateExpression?
}

/// `name=value` in a call.
struct KeywordArgument: Sendable {
    let name: String
    let value: TemplateExpression
}

/// A filter with its arguments.
struct FilterCall: Sendable {
    let name: String
    let arguments: CallArguments
}

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The arithmetic operators with Python's meaning, over 64-bit integers.
enum TemplateArithmetic {
    static func apply(
        _ operation: ArithmeticOperator, _ left: TemplateValue, _ right: TemplateValue, _ budget: inout TemplateBudget
    ) throws -> TemplateValue {
        if let sequence = try applyToSequences(operation, left, right, &budget) { return sequence }
        for case .undefined(let hint) in [left, right] { throw TemplateFailure.undefined(hint) }
        if let a = left.asInteger, let b = right.asInteger {
            return try applyToIntegers(operation, a, b)
        }
        if let a = left.asDouble, let b = right.asDouble {
            return .double(try applyToDoubles(operation, a, b))
        }
        throw TemplateFailure.evaluation(
            "the operands \(left.typeName) and \(right.typeName) do not go together (\(operation))")
    }

    static func negative(_ value: TemplateValue) throws -> TemplateValue {
        try sign(value, integer: { 0.subtractingReportingOverflow($0) }, double: { -$0 })
    }

    static func positive(_ value: TemplateValue) throws -> TemplateValue {
        try sign(value, integer: { ($0, false) }, double: { $0 })
    }

    private static func sign(
        _ value: TemplateValue, integer: (Int) -> (Int, Bool), double: (Double) -> Double
    ) throws -> TemplateValue {
        if case .undefined(let hint) = value { throw TemplateFailure.undefined(hint) }
        if let number = value.asInteger { return .integer(try checked(integer(number))) }
        if let number = value.asDouble { return .double(double(number)) }
        throw TemplateFailure.evaluation("\(value.typeName) has no sign")
    }

    private static func applyToIntegers(_ operation: ArithmeticOperator, _ a: Int, _ b: Int) throws -> TemplateValue {
        switch operation {
        case .add: return .integer(try checked(a.addingReportingOverflow(b)))
        case .subtract: return .integer(try checked(a.subtractingReportingOverflow(b)))
        case .multiply: return .integer(try checked(a.multipliedReportingOverflow(by: b)))
        case .divide, .floorDivide, .modulo:
            guard b != 0 else { throw TemplateFailure.evaluation("division by zero") }
            if case .divide = operation { return .double(Double(a) / Double(b)) }
            let quotient = try checked(a.dividedReportingOverflow(by: b))
            let remainder = a % b
            let needsFloor = remainder != 0 && (remainder < 0) != (b < 0)
            if case .modulo = operation { return .integer(needsFloor ? remainder + b : remainder) }
            return .integer(needsFloor ? quotient - 1 : quotient)
        case .power:
            return b < 0 ? .double(try applyToDoubles(.power, Double(a), Double(b))) : .integer(try power(a, b))
        }
    }

    private static func power(_ base: Int, _ exponent: Int) throws -> Int {
        if base == 0 || base == 1 { return exponent == 0 ? 1 : base }
        if base == -1 { return exponent.isMultiple(of: 2) ? 1 : -1 }
        var result = 1
        for _ in 0..<min(exponent, Int.bitWidth) { result = try checked(result.multipliedReportingOverflow(by: base)) }
        return result
    }

    private static func applyToDoubles(_ operation: ArithmeticOperator, _ a: Double, _ b: Double) throws -> Double {
        switch operation {
        case .add: return a + b
        case .subtract: return a - b
        case .multiply: return a * b
        case .divide, .floorDivide, .modulo:
            guard b != 0 else { throw TemplateFailure.evaluation("division by zero") }
            if case .divide = operation { return a / b }
            if case .floorDivide = operation { return (a / b).rounded(.down) }
            let remainder = a.truncatingRemainder(dividingBy: b)
            return remainder != 0 && (remainder < 0) != (b < 0) ? remainder + b : remainder
        case .power:
            return pow(a, b)
        }
    }

    private static func checked(_ result: (partialValue: Int, overflow: Bool)) throws -> Int {
        guard !result.overflow else { throw TemplateFailure.evaluation("the result does not fit 64 bits") }
        return result.partialValue
    }

    /// `+` on texts and lists, `*` that repeats them, `%` that formats a text; nil if the operands are no such.
    private static func applyToSequences(
        _ operation: ArithmeticOperator, _ left: TemplateValue, _ right: TemplateValue, _ budget: inout TemplateBudget
    ) throws -> TemplateValue? {
        switch (operation, left, right) {
        case (.add, .string(let a), .string(let b)):
            try budget.spendText(a.count + b.count)
            var result = a
            result.append(b)
            return .string(result)
        case (.add, .list(let a), .list(let b)):
            try budget.spend(a.elements.count + b.elements.count)
            return .list(a.elements + b.elements)
        case (.add, .tuple(let a), .tuple(let b)):
            try budget.spend(a.elements.count + b.elements.count)
            return .tuple(TemplateList(a.elements + b.elements))
        case (.multiply, .string(let text), _):
            return try right.asInteger.map { .string(try repeated(text, $0, &budget)) }
        case (.multiply, _, .string(let text)):
            return try left.asInteger.map { .string(try repeated(text, $0, &budget)) }
        case (.multiply, .list(let list), _):
            return try right.asInteger.map { .list(try repeated(list, $0, &budget)) }
        case (.multiply, _, .list(let list)):
            return try left.asInteger.map { .list(try repeated(list, $0, &budget)) }
        case (.modulo, .string(let format), _):
            return .string(try TemplateFormat.percent(format, right, &budget))
        default: return nil
        }
    }

    private static func repeated(
        _ text: TemplateString, _ times: Int, _ budget: inout TemplateBudget
    ) throws -> TemplateString {
        try budget.spendText(text.count.multipliedClamped(by: max(times, 0)))
        var result = TemplateString()
        guard !text.isEmpty else { return result }
        for _ in 0..<max(times, 0) { result.append(text) }
        return result
    }

    private static func repeated(
        _ list: TemplateList, _ times: Int, _ budget: inout TemplateBudget
    ) throws -> TemplateList {
        try budget.spend(list.size.multipliedClamped(by: max(times, 0)))
        guard !list.elements.isEmpty else { return list }
        return TemplateList((0..<max(times, 0)).flatMap { _ in list.elements })
    }
}

/// The filters, by name.
enum TemplateFilters {
    typealias Filter = @Sendable (TemplateValue, TemplateArguments, TemplateEvaluator) throws -> TemplateValue

    static let all: [String: Filter] = texts.merging(sequences) { first, _ in first }
        .merging(selections) { first, _ in first }.merging(values) { first, _ in first }

    /// Filters of numbers, dictionaries and any value.
    private static let values: [String: Filter] = [
        "default": defaultValue, "d": defaultValue, "tojson": toJSON, "items": items, "dictsort": sortedItems,
        "int": integer, "float": double, "abs": magnitude, "round": rounded,
    ]

    private static let defaultValue: Filter = { value, arguments, _ in
        let values = try arguments.bind(["default_value", "boolean"], to: "default")
        let replacesFalse = values[1]?.isTruthy ?? false
        guard value.isUndefined || (replacesFalse && !value.isTruthy) else { return value }
        return values[0] ?? .trusted("")
    }

    private static let items: Filter = { value, arguments, evaluator in
        _ = try arguments.bind([], to: "items")
        switch value {
        case .undefined: return .generator(TemplateGenerator([]))
        case .dictionary(let dictionary):
            try evaluator.budget.spend(dictionary.count)
            return .generator(
                TemplateGenerator(dictionary.entries.map { .tuple(TemplateList([$0.key, $0.value])) }))
        default: throw TemplateFailure.evaluation("'items' needs a dictionary, not \(value.typeName)")
        }
    }

    private static let sortedItems: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["case_sensitive", "by", "reverse"], to: "dictsort")
        guard case .dictionary(let dictionary) = value else {
            throw TemplateFailure.evaluation("'dictsort' needs a dictionary, not \(value.typeName)")
        }
        let by = try values[1]?.requireText("'by'").text ?? "key"
        guard by == "key" || by == "value" else { throw TemplateFailure.evaluation("'by' must be 'key' or 'value'") }
        let pairs = dictionary.entries.map { TemplateValue.tuple(TemplateList([$0.key, $0.value])) }
        let keys = dictionary.entries.map { by == "key" ? $0.key : $0.value }
        return .list(
            try evaluator.sorted(
                pairs, by: values[0]?.isTruthy ?? false ? keys : keys.map(\.ignoringCase),
                isDescending: values[2]?.isTruthy ?? false))
    }

    private static let integer: Filter = { value, arguments, _ in
        let values = try arguments.bind(["default", "base"], to: "int")
        let fallback = values[0] ?? .integer(0)
        switch value {
        case .undefined(let hint): throw TemplateFailure.undefined(hint)
        case .string(let text):
            let base = try values[1]?.requireInteger("'base'") ?? 10
            guard (2...36).contains(base) else { throw TemplateFailure.evaluation("'base' must be from 2 to 36") }
            let digits = String(text.stripped().text.filter { $0 != "_" })
            if let integer = Int(digits, radix: base) { return .integer(integer) }
            return Double(digits).flatMap(Int.init(truncating:)).map(TemplateValue.integer) ?? fallback
        case .double(let number): return Int(truncating: number).map(TemplateValue.integer) ?? fallback
        default: return value.asInteger.map(TemplateValue.integer) ?? fallback
        }
    }

    private static let double: Filter = { value, arguments, _ in
        let fallback = try arguments.bind(["default"], to: "float")[0] ?? .double(0)
        switch value {
        case .undefined(let hint): throw TemplateFailure.undefined(hint)
        case .string(let text): return Double(text.stripped().text).map(TemplateValue.double) ?? fallback
        default: return value.asDouble.map(TemplateValue.double) ?? fallback
        }
    }

    private static let magnitude: Filter = { value, arguments, _ in
        _ = try arguments.bind([], to: "abs")
        if case .double(let number) = value { return .double(abs(number)) }
        let integer = try value.requireInteger("the value of 'abs'")
        return integer < 0 ? try TemplateArithmetic.negative(.integer(integer)) : .integer(integer)
    }

    private static let rounded: Filter = { value, arguments, _ in
        let values = try arguments.bind(["precision", "method"], to: "round")
        let precision = try values[0]?.requireInteger("'precision'") ?? 0
        let method = try values[1]?.requireText("'method'").text ?? "common"
        if case .undefined(let hint) = value { throw TemplateFailure.undefined(hint) }
        guard let number = value.asDouble else {
            throw TemplateFailure.evaluation("'round' needs a number, not \(value.typeName)")
        }
        guard abs(precision) <= 300 else { throw TemplateFailure.evaluation("the precision must be from -300 to 300") }
        if case .integer = value, precision >= 0, method == "common" { return value }
        var scale = 1.0
        for _ in 0..<abs(precision) { scale *= 10 }
        let scaled = precision < 0 ? number / scale : number * scale
        let whole: Double
        switch method {
        case "common": whole = scaled.rounded(.toNearestOrEven)
        case "ceil": whole = scaled.rounded(.up)
        case "floor": whole = scaled.rounded(.down)
        default: throw TemplateFailure.evaluation("the method must be 'common', 'ceil' or 'floor'")
        }
        return .double(precision < 0 ? whole * scale : whole / scale)
    }
}

extension Int {
    /// The whole part, if it fits.
    fileprivate init?(truncating number: Double) {
        self.init(exactly: number.rounded(.towardZero))
    }
}

extension TemplateValue {
    /// A text in lower case; other values as they are.
    var ignoringCase: TemplateValue {
        if case .string(let text) = self { .string(text.lowercased()) } else { self }
    }
}

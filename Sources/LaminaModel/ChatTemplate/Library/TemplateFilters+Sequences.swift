// Filters of lists and other sequences.

extension TemplateFilters {
    static let sequences: [String: Filter] = [
        "length": count, "count": count, "list": list, "first": first, "last": last, "join": join, "sort": sort,
        "unique": unique, "reverse": reverse, "batch": batch, "slice": slice, "min": minimum, "max": maximum,
        "sum": sum,
    ]

    private static let count: Filter = { value, arguments, _ in
        _ = try arguments.bind([], to: "length")
        switch value {
        case .undefined: return .integer(0)
        case .string(let text): return .integer(text.count)
        case .list(let list), .tuple(let list): return .integer(list.elements.count)
        case .dictionary(let dictionary): return .integer(dictionary.count)
        case .loop(let loop): return .integer(loop.items.count)
        default: throw TemplateFailure.evaluation("\(value.typeName) has no length")
        }
    }

    private static let list: Filter = { value, arguments, evaluator in
        _ = try arguments.bind([], to: "list")
        return .list(try evaluator.items(of: value))
    }

    private static let first: Filter = { value, arguments, evaluator in
        _ = try arguments.bind([], to: "first")
        let none = TemplateValue.undefined(hint: "there is no first item, the sequence was empty")
        if case .generator(let generator) = value { return generator.takeFirst() ?? none }
        return try evaluator.items(of: value).first ?? none
    }

    private static let last: Filter = { value, arguments, evaluator in
        _ = try arguments.bind([], to: "last")
        if case .generator = value { throw TemplateFailure.evaluation("a generator cannot be gone through backwards") }
        return try evaluator.items(of: value).last
            ?? .undefined(hint: "there is no last item, the sequence was empty")
    }

    private static let join: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["d", "attribute"], to: "join")
        let separator = try values[0].map { try evaluator.printed($0) } ?? TemplateString()
        let path = try AttributePath(values[1])
        let pieces = try evaluator.items(of: value).map { try evaluator.printed(try path.value(in: $0, evaluator)) }
        return .string(try evaluator.join(pieces, with: separator))
    }

    private static let sort: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["reverse", "case_sensitive", "attribute"], to: "sort")
        let items = try evaluator.items(of: value)
        let keys = try keys(of: items, values[2], isCaseSensitive: values[1]?.isTruthy ?? false, evaluator)
        return .list(try evaluator.sorted(items, by: keys, isDescending: values[0]?.isTruthy ?? false))
    }

    private static let unique: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["case_sensitive", "attribute"], to: "unique")
        let items = try evaluator.items(of: value)
        let keys = try keys(of: items, values[1], isCaseSensitive: values[0]?.isTruthy ?? false, evaluator)
        var seen = TemplateDictionary()
        var chosen: [TemplateValue] = []
        for (item, key) in zip(items, keys) where seen.value(for: key) == nil {
            try seen.set(.none, for: key)
            chosen.append(item)
        }
        return .generator(TemplateGenerator(chosen))
    }

    private static let reverse: Filter = { value, arguments, evaluator in
        _ = try arguments.bind([], to: "reverse")
        if case .string = value {
            return try evaluator.slice(value, start: nil, stop: nil, step: .integer(-1))
        }
        return .generator(TemplateGenerator(try evaluator.items(of: value).reversed()))
    }

    private static let batch: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["linecount", "fill_with"], to: "batch")
        let size = try values[0]?.requireInteger("the size of 'batch'") ?? 0
        guard size > 0 else { throw TemplateFailure.evaluation("the size of 'batch' must be at least 1") }
        let items = try evaluator.items(of: value)
        var batches: [TemplateValue] = []
        for start in stride(from: 0, to: items.count, by: min(size, max(items.count, 1))) {
            var part = Array(items[start..<min(start + min(size, items.count), items.count)])
            if let filler = values[1], part.count < size, !filler.isNone {
                try evaluator.budget.spend(size)
                part += Array(repeating: filler, count: size - part.count)
            }
            batches.append(.list(part))
        }
        return .generator(TemplateGenerator(batches))
    }

    private static let slice: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["slices", "fill_with"], to: "slice")
        let count = try values[0]?.requireInteger("the number of slices") ?? 0
        guard count > 0 else { throw TemplateFailure.evaluation("there must be at least 1 slice") }
        try evaluator.budget.spend(count)
        let items = try evaluator.items(of: value)
        let (size, surplus) = items.count.quotientAndRemainder(dividingBy: count)
        var start = 0
        let slices = (0..<count).map { number -> TemplateValue in
            let end = start + size + (number < surplus ? 1 : 0)
            var part = Array(items[start..<end])
            if let filler = values[1], !filler.isNone, number >= surplus { part.append(filler) }
            start = end
            return .list(part)
        }
        return .generator(TemplateGenerator(slices))
    }

    private static let minimum: Filter = { value, arguments, evaluator in
        try extreme(value, arguments, evaluator, "min", isDescending: false)
    }

    private static let maximum: Filter = { value, arguments, evaluator in
        try extreme(value, arguments, evaluator, "max", isDescending: true)
    }

    private static func extreme(
        _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator, _ name: String,
        isDescending: Bool
    ) throws -> TemplateValue {
        let values = try arguments.bind(["case_sensitive", "attribute"], to: name)
        let items = try evaluator.items(of: value)
        let keys = try keys(of: items, values[1], isCaseSensitive: values[0]?.isTruthy ?? false, evaluator)
        return try evaluator.sorted(items, by: keys, isDescending: isDescending).first
            ?? .undefined(hint: "there is no aggregated item, the sequence was empty")
    }

    private static let sum: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["attribute", "start"], to: "sum")
        let path = try AttributePath(values[0])
        return try evaluator.items(of: value).reduce(values[1] ?? .integer(0)) { total, item in
            try TemplateArithmetic.apply(.add, total, try path.value(in: item, evaluator), &evaluator.budget)
        }
    }

    private static func keys(
        of items: [TemplateValue], _ attribute: TemplateValue?, isCaseSensitive: Bool, _ evaluator: TemplateEvaluator
    ) throws -> [TemplateValue] {
        let path = try AttributePath(attribute)
        return try items.map { item in
            let key = try path.value(in: item, evaluator)
            return isCaseSensitive ? key : key.ignoringCase
        }
    }
}

extension TemplateEvaluator {
    /// The items in the order of their keys; equal keys keep their order, also when descending, as in Python.
    func sorted(
        _ items: [TemplateValue], by keys: [TemplateValue], isDescending: Bool
    ) throws -> [TemplateValue] {
        let order = try keys.indices.sorted { left, right in
            let isBefore =
                isDescending ? try isLess(keys[right], keys[left]) : try isLess(keys[left], keys[right])
            let isAfter = isDescending ? try isLess(keys[left], keys[right]) : try isLess(keys[right], keys[left])
            try budget.spend(1)
            return isBefore || (!isAfter && left < right)
        }
        return order.map { items[$0] }
    }
}

extension TemplateValue {
    fileprivate var isNone: Bool {
        if case .none = self { true } else { false }
    }
}

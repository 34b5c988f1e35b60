// `map`, `select`, `reject` and their variants over attributes. They are lazy in Jinja, so they give generators.

extension TemplateFilters {
    static let selections: [String: Filter] = [
        "map": map,
        "select": { try choose($0, $1, $2, keeps: true, readsAttribute: false) },
        "reject": { try choose($0, $1, $2, keeps: false, readsAttribute: false) },
        "selectattr": { try choose($0, $1, $2, keeps: true, readsAttribute: true) },
        "rejectattr": { try choose($0, $1, $2, keeps: false, readsAttribute: true) },
        "groupby": group,
    ]

    private static let map: Filter = { value, arguments, evaluator in
        let items = try evaluator.items(of: value)
        if arguments.positional.isEmpty, arguments.keyword.contains(where: { $0.name == "attribute" }) {
            let values = try arguments.bind(["attribute", "default"], to: "map")
            let path = try AttributePath(values[0], default: values[1])
            return .generator(TemplateGenerator(try items.map { try path.value(in: $0, evaluator) }))
        }
        guard let name = arguments.positional.first else {
            throw TemplateFailure.evaluation("'map' needs a filter or an attribute")
        }
        let filter = try name.requireText("the filter of 'map'").text
        let rest = arguments.dropping(1)
        return .generator(TemplateGenerator(try items.map { try evaluator.apply(filter: filter, to: $0, rest) }))
    }

    private static func choose(
        _ value: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator, keeps: Bool,
        readsAttribute: Bool
    ) throws -> TemplateValue {
        if readsAttribute, arguments.positional.isEmpty {
            throw TemplateFailure.evaluation("the name of an attribute is missing")
        }
        let path = try AttributePath(readsAttribute ? arguments.positional.first : nil)
        let rest = arguments.dropping(readsAttribute ? 1 : 0)
        let test = try rest.positional.first?.requireText("the name of a test").text
        let chosen = try evaluator.items(of: value).filter { item in
            let tested = try path.value(in: item, evaluator)
            guard let test else { return tested.isTruthy == keeps }
            return try TemplateTests.check(test, tested, rest.dropping(1), evaluator) == keeps
        }
        return .generator(TemplateGenerator(chosen))
    }

    /// `groupby`: pairs of a value and the items that share it, ordered by the value.
    private static let group: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["attribute", "default", "case_sensitive"], to: "groupby")
        let path = try AttributePath(values[0], default: values[1])
        let items = try evaluator.items(of: value)
        let keys = try items.map { item in
            let key = try path.value(in: item, evaluator)
            return values[2]?.isTruthy ?? false ? key : key.ignoringCase
        }
        let pairs = try evaluator.sorted(
            zip(keys, items).map { .tuple(TemplateList([$0, $1])) }, by: keys, isDescending: false)
        var groups: [(key: TemplateValue, first: TemplateValue, items: [TemplateValue])] = []
        for case .tuple(let pair) in pairs {
            let (key, item) = (pair.elements[0], pair.elements[1])
            if let last = groups.last, try evaluator.equal(last.key, key) {
                groups[groups.count - 1].items.append(item)
            } else {
                groups.append((key, try path.value(in: item, evaluator), [item]))
            }
        }
        return .list(groups.map { .tuple(TemplateList([$0.first, .list($0.items)])) })
    }
}

/// The way from an item to what a filter looks at: `function.name`, or nothing for the item itself.
struct AttributePath {
    private let keys: [TemplateValue]
    private let fallback: TemplateValue?

    init(_ attribute: TemplateValue?, default fallback: TemplateValue? = nil) throws {
        self.fallback = fallback
        switch attribute {
        case nil, .some(.none): keys = []
        case .integer(let index): keys = [.integer(index)]
        case .some(let value):
            let path = try value.requireText("an attribute")
            keys = path.split(TemplateString(".", isTrusted: true), limit: .max).map { part in
                Int(part.text).map(TemplateValue.integer) ?? .string(part)
            }
        }
    }

    func value(in item: TemplateValue, _ evaluator: TemplateEvaluator) throws -> TemplateValue {
        try keys.reduce(item) { item, key in
            let value = try evaluator.item(key, of: item)
            if value.isUndefined, let fallback { return fallback }
            return value
        }
    }
}

/// The methods of texts, dictionaries and lists that Python has and Jinja's immutable sandbox allows.
enum TemplateMethods {
    /// True if `value.name` names a method.
    static func exists(_ name: String, on value: TemplateValue) -> Bool {
        switch value {
        case .string: ofStrings[name] != nil || forbiddenOfStrings.contains(name)
        case .dictionary: ofDictionaries.contains(name) || forbiddenOfDictionaries.contains(name)
        case .list, .tuple: ofLists.contains(name) || forbiddenOfLists.contains(name)
        default: false
        }
    }

    static func call(
        _ name: String, on receiver: TemplateValue, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        switch receiver {
        case .string(let text):
            guard let method = ofStrings[name] else { throw TemplateFailure.unsupported("the method '\(name)' of str") }
            try evaluator.budget.spend(text.count)
            return try method(text, arguments, evaluator)
        case .dictionary(let dictionary) where ofDictionaries.contains(name):
            return try call(name, on: dictionary, arguments, evaluator)
        case .list(let list) where ofLists.contains(name), .tuple(let list) where ofLists.contains(name):
            return try call(name, on: list, arguments, evaluator)
        default:
            throw TemplateFailure.evaluation(
                "'\(name)' would change a \(receiver.typeName), which the sandbox forbids; use a namespace")
        }
    }

    private static let ofDictionaries: Set = ["get", "items", "keys", "values", "copy"]
    private static let forbiddenOfDictionaries: Set = ["clear", "pop", "popitem", "setdefault", "update", "fromkeys"]
    private static let ofLists: Set = ["index", "count", "copy"]
    private static let forbiddenOfLists: Set = [
        "append", "extend", "insert", "remove", "pop", "clear", "reverse", "sort",
    ]
    private static let forbiddenOfStrings: Set = ["format", "format_map", "encode", "translate", "maketrans"]

    private static func call(
        _ name: String, on dictionary: TemplateDictionary, _ arguments: TemplateArguments,
        _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        if name == "get" {
            let values = try arguments.bind(["key", "default"], to: "get")
            guard let key = values[0] else { throw TemplateFailure.evaluation("'get' needs a key") }
            return dictionary.value(for: key) ?? values[1] ?? .none
        }
        _ = try arguments.bind([], to: name)
        try evaluator.budget.spend(dictionary.count)
        switch name {
        case "keys": return .list(dictionary.entries.map(\.key))
        case "values": return .list(dictionary.entries.map(\.value))
        case "items": return .list(dictionary.entries.map { .tuple(TemplateList([$0.key, $0.value])) })
        default: return .dictionary(dictionary)
        }
    }

    private static func call(
        _ name: String, on list: TemplateList, _ arguments: TemplateArguments, _ evaluator: TemplateEvaluator
    ) throws -> TemplateValue {
        guard name != "copy" else { return .list(list) }
        guard let wanted = try arguments.bind(["value"], to: name)[0] else {
            throw TemplateFailure.evaluation("'\(name)' needs a value")
        }
        let matches = try list.elements.indices.filter { try evaluator.equal(list.elements[$0], wanted) }
        if name == "count" { return .integer(matches.count) }
        guard let first = matches.first else { throw TemplateFailure.evaluation("the value is not in the list") }
        return .integer(first)
    }
}

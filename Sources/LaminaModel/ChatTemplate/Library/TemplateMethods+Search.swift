// The methods that look for one text in another.

extension TemplateMethods {
    static let startsWith: StringMethod = { text, arguments, _ in
        try matches(arguments, "startswith", text) { $0.hasPrefix($1) }
    }

    static let endsWith: StringMethod = { text, arguments, _ in
        try matches(arguments, "endswith", text) { $0.hasSuffix($1) }
    }

    /// A prefix, or several of them in a tuple; optional bounds narrow the text first.
    private static func matches(
        _ arguments: TemplateArguments, _ name: String, _ text: TemplateString,
        _ condition: (TemplateString, TemplateString) -> Bool
    ) throws -> TemplateValue {
        let values = try arguments.bind(["prefix", "start", "end"], to: name)
        let part = try bounded(text, values[1], values[2])
        if case .tuple(let choices)? = values[0] {
            return .bool(try choices.elements.contains { condition(part.text, try $0.requireText("a prefix")) })
        }
        return .bool(condition(part.text, try Self.text(values, 0, name)))
    }

    private static func bounded(
        _ text: TemplateString, _ start: TemplateValue?, _ end: TemplateValue?
    ) throws -> (text: TemplateString, offset: Int) {
        func position(_ value: TemplateValue?, absent: Int) throws -> Int {
            guard let value else { return absent }
            if case .none = value { return absent }
            let bound = try value.requireInteger("a bound")
            return min(max(bound < 0 ? bound + text.count : bound, 0), text.count)
        }
        let lower = try position(start, absent: 0)
        let upper = try position(end, absent: text.count)
        return (text.slice(lower..<max(lower, upper)), lower)
    }

    static let find: StringMethod = { text, arguments, _ in
        .integer(try position(text, arguments, "find", fromEnd: false) ?? -1)
    }

    static let findFromEnd: StringMethod = { text, arguments, _ in
        .integer(try position(text, arguments, "rfind", fromEnd: true) ?? -1)
    }

    static let index: StringMethod = { text, arguments, _ in
        .integer(try found(try position(text, arguments, "index", fromEnd: false)))
    }

    static let indexFromEnd: StringMethod = { text, arguments, _ in
        .integer(try found(try position(text, arguments, "rindex", fromEnd: true)))
    }

    private static func found(_ position: Int?) throws -> Int {
        guard let position else { throw TemplateFailure.evaluation("the text does not occur") }
        return position
    }

    private static func position(
        _ text: TemplateString, _ arguments: TemplateArguments, _ name: String, fromEnd: Bool
    ) throws -> Int? {
        let values = try arguments.bind(["sub", "start", "end"], to: name)
        let needle = try Self.text(values, 0, name)
        let part = try bounded(text, values[1], values[2])
        if needle.isEmpty { return part.offset + (fromEnd ? part.text.count : 0) }
        let matches = fromEnd ? part.text.rangesFromEnd(of: needle, limit: 1) : part.text.ranges(of: needle, limit: 1)
        return matches.first.map { $0.lowerBound + part.offset }
    }
}

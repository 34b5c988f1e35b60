/// The values of a call.
struct TemplateArguments {
    var positional: [TemplateValue] = []
    var keyword: [(name: String, value: TemplateValue)] = []

    /// Assigns the values to parameters, in their order.
    ///
    /// - Throws: `TemplateFailure` for surplus, unknown and repeated arguments.
    func bind(_ parameters: [String], to function: String) throws -> [TemplateValue?] {
        guard positional.count <= parameters.count else {
            throw TemplateFailure.evaluation("'\(function)' takes at most \(parameters.count) arguments")
        }
        var values: [TemplateValue?] = positional.map { $0 }
        values += Array(repeating: nil, count: parameters.count - positional.count)
        for (name, value) in keyword {
            guard let position = parameters.firstIndex(of: name) else {
                throw TemplateFailure.evaluation("'\(function)' has no parameter '\(name)'")
            }
            guard values[position] == nil else {
                throw TemplateFailure.evaluation("'\(function)' got two values for '\(name)'")
            }
            values[position] = value
        }
        return values
    }

    /// The same arguments without the first `count` positional ones.
    func dropping(_ count: Int) -> TemplateArguments {
        TemplateArguments(positional: Array(positional.dropFirst(count)), keyword: keyword)
    }
}

extension TemplateValue {
    /// The text in an argument.
    func requireText(_ what: String) throws -> TemplateString {
        guard case .string(let text) = self else {
            throw TemplateFailure.evaluation("\(what) must be a string, not \(typeName)")
        }
        return text
    }

    /// The integer in an argument.
    func requireInteger(_ what: String) throws -> Int {
        guard let integer = asInteger else {
            throw TemplateFailure.evaluation("\(what) must be an integer, not \(typeName)")
        }
        return integer
    }
}

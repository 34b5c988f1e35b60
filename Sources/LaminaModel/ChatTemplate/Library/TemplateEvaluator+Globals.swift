// The functions every template finds.

extension TemplateEvaluator {
    /// Jinja's sandbox refuses longer ranges.
    private static let longestRange = 100_000

    func call(_ global: TemplateGlobal, _ arguments: TemplateArguments) throws -> TemplateValue {
        switch global {
        case .range:
            return try range(try arguments.bind(["start", "stop", "step"], to: "range"))
        case .namespace, .dict:
            let entries = try entries(of: arguments, for: global.rawValue)
            guard case .namespace = global else { return .dictionary(entries) }
            var attributes: [String: TemplateValue] = [:]
            for entry in entries.entries {
                attributes[try entry.key.requireText("the name of an attribute").text] = entry.value
            }
            return .namespace(makeNamespace(attributes))
        case .raiseException:
            let message = try arguments.bind(["message"], to: global.rawValue)[0] ?? .none
            throw TemplateFailure.raised(try printed(message).text)
        case .strftimeNow:
            let format = try arguments.bind(["format"], to: global.rawValue)[0] ?? .none
            return .trusted(try now.formatted(try format.requireText("the format of 'strftime_now'").text))
        }
    }

    private func range(_ values: [TemplateValue?]) throws -> TemplateValue {
        let bounds = try values.map { try $0?.requireInteger("an argument of 'range'") }
        guard let first = bounds[0] else { throw TemplateFailure.evaluation("'range' needs an argument") }
        let start = bounds[1] == nil ? 0 : first
        let stop = bounds[1] ?? first
        let step = bounds[2] ?? 1
        guard step != 0 else { throw TemplateFailure.evaluation("the step of 'range' must not be zero") }
        let isEmpty = step > 0 ? start >= stop : start <= stop
        let (distance, overflows) = (isEmpty ? start : stop).subtractingReportingOverflow(start)
        let count = isEmpty ? 0 : (distance.magnitude - 1) / step.magnitude + 1
        guard !overflows, count <= Self.longestRange else {
            throw TemplateFailure.limitExceeded("\(Self.longestRange) elements of a range")
        }
        try budget.spend(Int(count))
        return .list((0..<Int(count)).map { .integer(start + $0 * step) })
    }

    /// The entries that `dict(...)` and `namespace(...)` are given: a dictionary or pairs, then named ones.
    private func entries(of arguments: TemplateArguments, for function: String) throws -> TemplateDictionary {
        guard arguments.positional.count <= 1 else {
            throw TemplateFailure.evaluation("'\(function)' takes at most one positional argument")
        }
        var result = TemplateDictionary()
        switch arguments.positional.first {
        case nil: break
        case .dictionary(let dictionary)?: result = dictionary
        case .some(let pairs):
            for pair in try items(of: pairs) {
                let parts = try items(of: pair)
                guard parts.count == 2 else { throw TemplateFailure.evaluation("'\(function)' needs pairs") }
                try result.set(parts[1], for: parts[0])
            }
        }
        for (name, value) in arguments.keyword { try result.set(value, for: .trusted(name)) }
        return result
    }
}

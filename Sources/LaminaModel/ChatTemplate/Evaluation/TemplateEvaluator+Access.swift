// Attributes, subscripts and slices.

extension TemplateEvaluator {
    /// `value.name`: a method of the value, else what it holds under that name.
    func attribute(_ name: String, of value: TemplateValue) throws -> TemplateValue {
        if case .undefined(let hint) = value { throw TemplateFailure.undefined(hint) }
        return try method(name, of: value) ?? held(name, in: value) ?? missing(name, in: value)
    }

    /// `value[key]`: what the value holds, else a method of that name.
    func item(_ key: TemplateValue, of value: TemplateValue) throws -> TemplateValue {
        switch (value, key) {
        case (.undefined(let hint), _):
            throw TemplateFailure.undefined(hint)
        case (.dictionary(let dictionary), _):
            if let found = dictionary.value(for: key) { return found }
        case (.list(let list), _), (.tuple(let list), _):
            if let index = position(key, count: list.elements.count) { return list.elements[index] }
        case (.string(let text), _):
            if let index = position(key, count: text.count) { return .string(text.slice(index..<index + 1)) }
        default: break
        }
        guard case .string(let name) = key else { return missing(key.representation, in: value) }
        return try held(name.text, in: value) ?? method(name.text, of: value) ?? missing(name.text, in: value)
    }

    private func held(_ name: String, in value: TemplateValue) -> TemplateValue? {
        switch value {
        case .dictionary(let dictionary): dictionary.value(named: name)
        case .namespace(let namespace): namespace.attributes[name]
        case .loop(let loop): loop.attribute(name)
        default: nil
        }
    }

    private func method(_ name: String, of value: TemplateValue) throws -> TemplateValue? {
        guard TemplateMethods.exists(name, on: value) else { return nil }
        return try admitted(.callable(.method(receiver: value, name: name)))
    }

    private func missing(_ name: String, in value: TemplateValue) -> TemplateValue {
        .undefined(hint: "'\(value.typeName) object' has no attribute '\(name)'")
    }

    private func position(_ key: TemplateValue, count: Int) -> Int? {
        guard let index = key.asInteger else { return nil }
        let position = index < 0 ? index + count : index
        return (0..<count).contains(position) ? position : nil
    }

    /// `value[start:stop:step]`, as Python counts.
    func slice(
        _ value: TemplateValue, start: TemplateValue?, stop: TemplateValue?, step: TemplateValue?
    ) throws -> TemplateValue {
        switch value {
        case .undefined(let hint):
            throw TemplateFailure.undefined(hint)
        case .string(let text):
            let indices = try SliceIndices(start: start, stop: stop, step: step, count: text.count)
            try budget.spendText(indices.count)
            if let range = indices.range { return .string(text.slice(range)) }
            var result = TemplateString()
            for index in indices.positions { result.append(text.slice(index..<index + 1)) }
            return .string(result)
        case .list(let list):
            return .list(try sliced(list, start: start, stop: stop, step: step))
        case .tuple(let list):
            return .tuple(try sliced(list, start: start, stop: stop, step: step))
        default:
            throw TemplateFailure.evaluation("\(value.typeName) cannot be sliced")
        }
    }

    private func sliced(
        _ list: TemplateList, start: TemplateValue?, stop: TemplateValue?, step: TemplateValue?
    ) throws -> TemplateList {
        let indices = try SliceIndices(start: start, stop: stop, step: step, count: list.elements.count)
        try budget.spend(indices.count)
        return TemplateList(indices.positions.map { list.elements[$0] })
    }
}

/// The positions a slice names in a sequence of a given length.
private struct SliceIndices {
    let first: Int
    let count: Int
    let step: Int

    init(start: TemplateValue?, stop: TemplateValue?, step: TemplateValue?, count length: Int) throws {
        let step = try Self.bound(step) ?? 1
        guard step != 0, step != .min else { throw TemplateFailure.evaluation("the step of a slice must not be zero") }
        let lowest = step > 0 ? 0 : -1
        let highest = step > 0 ? length : length - 1
        func clamp(_ bound: Int) -> Int {
            min(max(bound < 0 ? bound + length : bound, lowest), highest)
        }
        let first = try Self.bound(start).map(clamp) ?? (step > 0 ? lowest : highest)
        let end = try Self.bound(stop).map(clamp) ?? (step > 0 ? highest : lowest)
        let distance = step > 0 ? end - first : first - end
        self.first = first
        self.step = step
        count = distance > 0 ? (distance - 1) / abs(step) + 1 : 0
    }

    /// The positions as a range, where they are one.
    var range: Range<Int>? {
        step == 1 || count == 0 ? (count == 0 ? 0..<0 : first..<first + count) : nil
    }

    var positions: [Int] {
        (0..<count).map { first + $0 * step }
    }

    private static func bound(_ value: TemplateValue?) throws -> Int? {
        switch value {
        case nil, .some(.none): return nil
        case .some(let value): return try value.requireInteger("a slice bound")
        }
    }
}

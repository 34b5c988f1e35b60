// Equality and order, as Python defines them.

extension TemplateValue {
    /// Python's `==`: numbers by value, everything else only within its type.
    func equals(_ other: TemplateValue) -> Bool {
        switch (self, other) {
        case (.undefined, .undefined), (.none, .none): true
        case (.string(let left), .string(let right)): left == right
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            left.elements.count == right.elements.count
                && zip(left.elements, right.elements).allSatisfy { $0.equals($1) }
        case (.dictionary(let left), .dictionary(let right)):
            left.count == right.count
                && left.entries.allSatisfy { entry in right.value(for: entry.key)?.equals(entry.value) ?? false }
        case (.namespace(let left), .namespace(let right)): left === right
        case (.generator(let left), .generator(let right)): left === right
        case (.loop(let left), .loop(let right)): left === right
        case (.callable(.macro(let left)), .callable(.macro(let right))): left === right
        default: numbersEqual(self, other)
        }
    }

    /// Python's `<`.
    ///
    /// - Throws: `TemplateFailure` where the two have no order.
    func isLess(than other: TemplateValue) throws -> Bool {
        switch (self, other) {
        case (.string(let left), .string(let right)):
            return left.scalars.lexicographicallyPrecedes(right.scalars)
        case (.list(let left), .list(let right)), (.tuple(let left), .tuple(let right)):
            for (a, b) in zip(left.elements, right.elements) where !a.equals(b) {
                return try a.isLess(than: b)
            }
            return left.elements.count < right.elements.count
        case (.undefined(let hint), _), (_, .undefined(let hint)):
            throw TemplateFailure.undefined(hint)
        default:
            if let left = asInteger, let right = other.asInteger { return left < right }
            if let left = asDouble, let right = other.asDouble { return left < right }
            throw TemplateFailure.evaluation("\(typeName) and \(other.typeName) have no order")
        }
    }
}

private func numbersEqual(_ left: TemplateValue, _ right: TemplateValue) -> Bool {
    if let left = left.asInteger, let right = right.asInteger { return left == right }
    if let left = left.asDouble, let right = right.asDouble { return left == right }
    return false
}

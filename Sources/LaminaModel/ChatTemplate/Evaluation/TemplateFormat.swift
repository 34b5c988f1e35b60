/// Python's `format % values`, as far as templates use it: `%s`, `%r`, `%d`, `%i` and `%%`.
enum TemplateFormat {
    static func percent(
        _ format: TemplateString, _ values: TemplateValue, _ budget: inout TemplateBudget
    ) throws -> TemplateString {
        var arguments: ArraySlice<TemplateValue> = [values]
        if case .tuple(let list) = values { arguments = list.elements[...] }
        var result = TemplateString()
        var start = 0
        var position = 0
        while position < format.count {
            guard format.scalars[position] == "%" else {
                position += 1
                continue
            }
            result.append(format.slice(start..<position))
            guard position + 1 < format.count else { throw TemplateFailure.evaluation("the format ends within '%'") }
            let piece = try conversion(format.scalars[position + 1], &arguments)
            try budget.spendText(result.count + piece.count)
            result.append(piece)
            position += 2
            start = position
        }
        result.append(format.slice(start..<format.count))
        guard arguments.isEmpty else { throw TemplateFailure.evaluation("the format does not use all of its values") }
        return result
    }

    private static func conversion(
        _ letter: Unicode.Scalar, _ arguments: inout ArraySlice<TemplateValue>
    ) throws -> TemplateString {
        if letter == "%" { return TemplateString("%", isTrusted: true) }
        guard let value = arguments.popFirst() else {
            throw TemplateFailure.evaluation("the format has more places than values")
        }
        switch letter {
        case "s": return value.printed
        case "r": return TemplateString(value.representation, isTrusted: false)
        case "d", "i":
            guard let number = value.asDouble,
                let integer = value.asInteger ?? Int(exactly: number.rounded(.towardZero))
            else { throw TemplateFailure.evaluation("'%\(letter)' needs a number, not \(value.typeName)") }
            return TemplateString(String(integer), isTrusted: true)
        default: throw TemplateFailure.unsupported("the format '%\(letter)'")
        }
    }
}

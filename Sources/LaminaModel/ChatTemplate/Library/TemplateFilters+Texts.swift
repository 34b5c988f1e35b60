// Filters of texts. As in Jinja, most of them take any value and print it first.

extension TemplateFilters {
    static let texts: [String: Filter] = [
        "string": { value, _, evaluator in .string(try evaluator.printed(value)) },
        "safe": { value, _, evaluator in .string(try evaluator.printed(value)) },
        "upper": { value, _, evaluator in .string(try paid(value, evaluator).uppercased()) },
        "lower": { value, _, evaluator in .string(try paid(value, evaluator).lowercased()) },
        "capitalize": { value, _, evaluator in .string(try paid(value, evaluator).capitalized()) },
        "title": { value, _, evaluator in
            .string(
                try paid(value, evaluator).titlecased { $0.isPythonWhitespace || "-([{<".unicodeScalars.contains($0) })
        },
        "trim": trim, "replace": replace, "indent": indent, "wordcount": wordCount, "format": format,
        "escape": escape, "e": escape, "truncate": truncate,
    ]

    /// The printed form, which the filter is about to go through.
    private static func paid(_ value: TemplateValue, _ evaluator: TemplateEvaluator) throws -> TemplateString {
        let text = try evaluator.printed(value)
        try evaluator.budget.spendText(text.count)
        return text
    }

    private static let trim: Filter = { value, arguments, evaluator in
        let characters = try arguments.bind(["chars"], to: "trim")[0]
        let text = try paid(value, evaluator)
        guard let characters, case .string(let set) = characters else { return .string(text.stripped()) }
        return .string(text.stripped(of: set))
    }

    private static let replace: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["old", "new", "count"], to: "replace")
        guard let old = values[0], let new = values[1] else {
            throw TemplateFailure.evaluation("'replace' needs two texts")
        }
        var limit = -1
        if let count = values[2], case .none = count {
        } else if let count = values[2] {
            limit = try count.requireInteger("'count'")
        }
        return .string(
            try evaluator.replace(
                try evaluator.printed(old), in: try paid(value, evaluator), with: try evaluator.printed(new),
                limit: limit))
    }

    private static let indent: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["width", "first", "blank"], to: "indent")
        let text = try value.requireText("the value of 'indent'")
        let indentation: TemplateString
        switch values[0] {
        case .string(let given)?: indentation = given
        case let width:
            let count = try width?.requireInteger("the width of 'indent'") ?? 4
            indentation = try evaluator.filling(with: TemplateString(" ", isTrusted: true), count: count)
        }
        let indentsBlank = values[2]?.isTruthy ?? false
        var lines = text.lines()
        // Jinja appends a line break before it splits, so a text always has a last line.
        if text.isEmpty || text.scalars.last?.isPythonLineBreak ?? false { lines.append(TemplateString()) }
        try evaluator.budget.spendText(text.count)
        try evaluator.budget.spendText(lines.count.multipliedClamped(by: indentation.count + 1))
        var result = values[1]?.isTruthy ?? false ? indentation : TemplateString()
        for (position, line) in lines.enumerated() {
            if position > 0 { result.append(TemplateString("\n", isTrusted: true)) }
            if position > 0, indentsBlank || !line.isEmpty { result.append(indentation) }
            result.append(line)
        }
        return .string(result)
    }

    private static let wordCount: Filter = { value, _, evaluator in
        let scalars = try paid(value, evaluator).scalars
        func isWord(_ scalar: Unicode.Scalar) -> Bool {
            scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        }
        let starts = scalars.indices.filter { isWord(scalars[$0]) && ($0 == 0 || !isWord(scalars[$0 - 1])) }
        return .integer(starts.count)
    }

    private static let format: Filter = { value, arguments, evaluator in
        let values = TemplateValue.tuple(TemplateList(arguments.positional))
        guard arguments.keyword.isEmpty else { throw TemplateFailure.unsupported("'format' with named values") }
        return .string(try TemplateFormat.percent(try evaluator.printed(value), values, &evaluator.budget))
    }

    private static let escape: Filter = { value, _, evaluator in
        let text = try paid(value, evaluator)
        try evaluator.budget.spendText(text.count * 5)
        return .string(
            text.mapScalars { _, scalar in
                switch scalar {
                case "&": "&amp;"
                case "<": "&lt;"
                case ">": "&gt;"
                case "'": "&#39;"
                case "\"": "&#34;"
                default: String(scalar)
                }
            })
    }

    private static let truncate: Filter = { value, arguments, evaluator in
        let values = try arguments.bind(["length", "killwords", "end", "leeway"], to: "truncate")
        let text = try paid(value, evaluator)
        let length = try values[0]?.requireInteger("'length'") ?? 255
        let end = try values[2]?.requireText("'end'") ?? TemplateString("...", isTrusted: true)
        let leeway = try values[3]?.requireInteger("'leeway'") ?? 5
        guard length >= end.count, leeway >= 0 else { throw TemplateFailure.evaluation("'length' is too small") }
        if text.count <= length || text.count - length <= leeway { return value }
        var result = text.slice(0..<length - end.count)
        if !(values[1]?.isTruthy ?? false), let space = result.scalars.lastIndex(of: " ") {
            result = result.slice(0..<space)
        }
        result.append(end)
        return .string(result)
    }
}

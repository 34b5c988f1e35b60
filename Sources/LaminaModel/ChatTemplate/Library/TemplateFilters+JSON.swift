import LaminaJSON

// `tojson`, as Hugging Face's environment overrides Jinja's: Python's `json.dumps` without escapes for HTML or for letters
// beyond ASCII.

extension TemplateFilters {
    static let toJSON: Filter = { value, arguments, evaluator in
        let names = ["ensure_ascii", "indent", "separators", "sort_keys"]
        let values = try arguments.bind(names, to: "tojson")
        var style = JSONStyle.python
        if let indent = values[1], case .none = indent {
        } else if let indent = values[1] {
            style = .indented(by: max(0, min(try indent.requireInteger("'indent'"), 64)))
        }
        style.escapesNonASCII = values[0]?.isTruthy ?? false
        style.sortsKeys = values[3]?.isTruthy ?? false
        if let separators = values[2], separators.isTruthy {
            let pair = try evaluator.items(of: separators).map { try $0.requireText("a separator").text }
            guard pair.count == 2 else { throw TemplateFailure.evaluation("'separators' needs two of them") }
            style.itemSeparator = pair[0]
            style.keySeparator = pair[1]
        }
        let lineCost = 1 + (style.indent ?? 0) * value.nesting + style.itemSeparator.utf8.count
        try evaluator.budget.spendText(value.size.multipliedClamped(by: lineCost))
        let text = TemplateString(JSONWriter.text(of: try value.json(), style: style), isTrusted: false)
        try evaluator.budget.spendText(text.count)
        return .string(text)
    }
}

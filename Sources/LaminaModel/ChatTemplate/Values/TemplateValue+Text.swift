import LaminaJSON

// The printed forms: Python's `str` and `repr`.

extension TemplateValue {
    /// Python's `str`: what `{{ value }}` prints. Nothing for an undefined value.
    var printed: TemplateString {
        switch self {
        case .undefined: TemplateString()
        case .string(let string): string
        case .none, .bool, .integer, .double: TemplateString(representation, isTrusted: true)
        default: TemplateString(representation, isTrusted: false)
        }
    }

    /// Python's `repr`.
    var representation: String {
        switch self {
        case .undefined: "Undefined"
        case .none: "None"
        case .bool(let value): value ? "True" : "False"
        case .integer(let value): String(value)
        case .double(let value): PythonNumber.text(of: value)
        case .string(let string): Self.quoted(string)
        case .list(let list): "[" + Self.joined(list.elements) + "]"
        case .tuple(let list): "(" + Self.joined(list.elements) + (list.elements.count == 1 ? ",)" : ")")
        case .dictionary(let dictionary):
            "{"
                + dictionary.entries.map { "\($0.key.representation): \($0.value.representation)" }
                .joined(separator: ", ") + "}"
        case .generator: "<generator>"
        case .namespace: "<Namespace>"
        case .loop: "<LoopContext>"
        case .callable: "<function>"
        }
    }

    private static func joined(_ elements: [TemplateValue]) -> String {
        elements.map(\.representation).joined(separator: ", ")
    }

    /// In single quotes unless the text has some and no double ones.
    private static func quoted(_ string: TemplateString) -> String {
        let hasSingle = string.scalars.contains("'")
        let quote: Unicode.Scalar = hasSingle && !string.scalars.contains("\"") ? "\"" : "'"
        var result = String.UnicodeScalarView()
        result.append(quote)
        for scalar in string.scalars {
            switch scalar {
            case quote, "\\": result.append(contentsOf: "\\\(scalar)".unicodeScalars)
            case "\n": result.append(contentsOf: "\\n".unicodeScalars)
            case "\r": result.append(contentsOf: "\\r".unicodeScalars)
            case "\t": result.append(contentsOf: "\\t".unicodeScalars)
            default: result.append(contentsOf: printable(scalar).unicodeScalars)
            }
        }
        result.append(quote)
        return String(result)
    }

    private static func printable(_ scalar: Unicode.Scalar) -> String {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            return escaped(scalar)
        case .spaceSeparator: return scalar == " " ? " " : escaped(scalar)
        default: return String(scalar)
        }
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16)
        let (prefix, width) = scalar.value <= 0xFF ? ("\\x", 2) : scalar.value <= 0xFFFF ? ("\\u", 4) : ("\\U", 8)
        return prefix + String(repeating: "0", count: width - digits.utf8.count) + digits
    }
}

/// A piece of a template's source.
struct TemplateToken: Equatable {
    enum Kind: Equatable {
        /// Text outside of all tags.
        case data([Unicode.Scalar])
        /// `{{` and `}}`
        case outputBegin, outputEnd
        /// `{%` and `%}`
        case blockBegin, blockEnd
        case name(String)
        case string(String)
        case integer(Int)
        case double(Double)
        case symbol(TemplateSymbol)
        case end
    }

    let kind: Kind
    /// From 1.
    let line: Int

    /// What an error message calls it.
    var description: String {
        switch kind {
        case .data: "text"
        case .outputBegin: "'{{'"
        case .outputEnd: "'}}'"
        case .blockBegin: "'{%'"
        case .blockEnd: "'%}'"
        case .name(let name): "'\(name)'"
        case .string: "a string"
        case .integer, .double: "a number"
        case .symbol(let symbol): "'\(symbol.rawValue)'"
        case .end: "the end of the template"
        }
    }
}

/// The operators and brackets of expressions.
enum TemplateSymbol: String, CaseIterable {
    case floorDivide = "//"
    case power = "**"
    case equal = "=="
    case notEqual = "!="
    case greaterOrEqual = ">="
    case lessOrEqual = "<="
    case plus = "+"
    case minus = "-"
    case divide = "/"
    case multiply = "*"
    case modulo = "%"
    case tilde = "~"
    case openBracket = "["
    case closeBracket = "]"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBrace = "{"
    case closeBrace = "}"
    case greater = ">"
    case less = "<"
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"
}

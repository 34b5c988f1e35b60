/// A value of the template language: what Jinja's expressions compute, with Python's meaning.
enum TemplateValue {
    /// Nothing; `hint` says in an error message what is missing.
    case undefined(hint: String)
    case none
    case bool(Bool)
    case integer(Int)
    case double(Double)
    case string(TemplateString)
    case list(TemplateList)
    case tuple(TemplateList)
    case dictionary(TemplateDictionary)
    /// The result of a lazy filter.
    case generator(TemplateGenerator)
    case namespace(TemplateNamespace)
    case loop(TemplateLoop)
    indirect case callable(TemplateCallable)

    /// A text the template wrote.
    static func trusted(_ text: String) -> TemplateValue {
        .string(TemplateString(text, isTrusted: true))
    }

    /// A text that came from elsewhere.
    static func untrusted(_ text: String) -> TemplateValue {
        .string(TemplateString(text, isTrusted: false))
    }

    static func list(_ elements: [TemplateValue]) -> TemplateValue {
        .list(TemplateList(elements))
    }

    /// Python's truth of a value.
    var isTruthy: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .double(let value): value != 0
        case .string(let value): !value.isEmpty
        case .list(let value), .tuple(let value): !value.elements.isEmpty
        case .dictionary(let value): value.count > 0
        case .loop(let loop): loop.items.count > 0
        case .generator, .namespace, .callable: true
        }
    }

    var isUndefined: Bool {
        if case .undefined = self { true } else { false }
    }

    /// Levels of containers in the value; a namespace and a function count as one.
    var nesting: Int {
        switch self {
        case .list(let list), .tuple(let list): list.nesting
        case .dictionary(let dictionary): dictionary.nesting
        case .generator(let generator): generator.nesting
        case .callable(.method(let receiver, _)): receiver.nesting + 1
        case .namespace, .loop, .callable: 1
        default: 0
        }
    }

    /// About the length of the printed form: what it costs to print, compare or write the value.
    var size: Int {
        switch self {
        case .string(let text): text.count + 2
        case .list(let list), .tuple(let list): list.size
        case .dictionary(let dictionary): dictionary.size
        case .callable(.method(let receiver, _)): receiver.size
        default: 8
        }
    }

    /// The integer in it, truth values included.
    var asInteger: Int? {
        switch self {
        case .integer(let value): value
        case .bool(let value): value ? 1 : 0
        default: nil
        }
    }

    /// The number in it, truth values included.
    var asDouble: Double? {
        if case .double(let value) = self { value } else { asInteger.map(Double.init) }
    }

    /// What Python calls the type.
    var typeName: String {
        switch self {
        case .undefined: "undefined"
        case .none: "None"
        case .bool: "bool"
        case .integer: "int"
        case .double: "float"
        case .string: "str"
        case .list: "list"
        case .tuple: "tuple"
        case .dictionary: "dict"
        case .generator: "generator"
        case .namespace: "namespace"
        case .loop: "loop"
        case .callable: "function"
        }
    }
}

import LaminaJSON

// Between the request's JSON and the template's values.

extension TemplateValue {
    /// A value the client sent: all of its text is untrusted.
    ///
    /// - Throws: `TemplateFailure` if it is nested deeper than `depth`.
    init(untrusted value: JSONValue, depth: Int) throws {
        guard depth > 0 else { throw TemplateFailure.limitExceeded("nesting of the messages") }
        switch value {
        case .null: self = .none
        case .bool(let value): self = .bool(value)
        case .integer(let value): self = .integer(Int(value))
        case .number(let value): self = .double(value)
        case .string(let value): self = .untrusted(value)
        case .array(let elements):
            self = .list(try elements.map { try TemplateValue(untrusted: $0, depth: depth - 1) })
        case .object(let object):
            var dictionary = TemplateDictionary()
            for member in object {
                let value = try TemplateValue(untrusted: member.value, depth: depth - 1)
                try dictionary.set(value, for: .untrusted(member.key))
            }
            self = .dictionary(dictionary)
        }
    }

    /// What `json.dumps` would take this value for.
    ///
    /// - Throws: `TemplateFailure` for what JSON has no form for.
    func json() throws -> JSONValue {
        switch self {
        case .none: return .null
        case .bool(let value): return .bool(value)
        case .integer(let value): return .integer(Int64(value))
        case .double(let value): return .number(value)
        case .string(let value): return .string(value.text)
        case .list(let list), .tuple(let list): return .array(try list.elements.map { try $0.json() })
        case .dictionary(let dictionary):
            var object = JSONObject()
            for entry in dictionary.entries { object[try entry.key.jsonKey()] = try entry.value.json() }
            return .object(object)
        case .undefined(let hint): throw TemplateFailure.undefined("\(hint), and has no JSON form")
        default: throw TemplateFailure.evaluation("\(typeName) has no JSON form")
        }
    }

    private func jsonKey() throws -> String {
        switch self {
        case .string(let key): key.text
        case .none: "null"
        case .bool(let key): key ? "true" : "false"
        case .integer, .double: representation
        default: throw TemplateFailure.evaluation("\(typeName) cannot be the name of a JSON member")
        }
    }
}

package import LaminaJSON

/// One message of a conversation.
package struct ChatMessage: Sendable, Equatable {
    /// Who speaks.
    package enum Role: String, Sendable, CaseIterable {
        case system, developer, user, assistant, tool
    }

    /// Who speaks.
    package let role: Role
    /// The text; parts are joined. Nil only for an assistant's message, which may consist of tool calls.
    package let content: String?
    /// What the chat template sees: the message as it was sent, with the parts of its content joined.
    package let json: JSONValue

    /// - Throws: `APIError` or `JSONFieldError`, which name the field.
    init(_ fields: JSONFieldReader) throws {
        let name = try fields.string("role")
        guard let role = Role(rawValue: name) else {
            let known = Role.allCases.map(\.rawValue).joined(separator: ", ")
            throw JSONFieldError(path: fields.path(of: "role"), expected: "one of \(known)", found: "'\(name)'")
        }
        self.role = role
        content = try Self.content(fields)
        if content == nil, role != .assistant {
            throw fields.error("content", expected: Self.expectation, found: fields.object["content"])
        }
        try Self.checkToolCalls(fields)
        var object = fields.object
        object["content"] = content.map(JSONValue.string) ?? .null
        json = .object(object)
    }

    /// Chat templates take these apart; what has another shape is the client's fault, not the template's.
    private static func checkToolCalls(_ fields: JSONFieldReader) throws {
        for call in try fields.optionalArray("tool_calls") ?? [] {
            guard let function = try call.fields().optionalObject("function") else { continue }
            _ = try function.string("name")
            switch function.optionalValue("arguments") {
            case nil, .string?, .object?: break
            case let other?:
                throw function.error("arguments", expected: "a string of JSON, or an object", found: other)
            }
        }
    }

    private static let expectation = "a string or an array of text parts"

    private static func content(_ fields: JSONFieldReader) throws -> String? {
        switch fields.optionalValue("content") {
        case nil: return nil
        case .string(let text)?: return text
        case .array?:
            let parts = try fields.array("content")
            guard (1...OpenAILimits.contentParts).contains(parts.count) else {
                throw JSONFieldError(
                    path: fields.path(of: "content"), expected: "1 to \(OpenAILimits.contentParts) parts",
                    found: "\(parts.count)")
            }
            return try parts.map { try text(ofPart: try $0.fields()) }.joined()
        case let other?: throw fields.error("content", expected: expectation, found: other)
        }
    }

    private static func text(ofPart part: JSONFieldReader) throws -> String {
        let type = try part.string("type")
        guard type == "text" else {
            throw APIError.invalid(
                "'\(part.path(of: "type"))' is '\(type)', but this server reads only parts of the type 'text'",
                parameter: part.path(of: "type"), code: "unsupported_content_type")
        }
        return try part.string("text")
    }
}

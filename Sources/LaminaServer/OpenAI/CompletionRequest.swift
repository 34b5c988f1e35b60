import LaminaJSON

/// The body of `POST /v1/completions`.
package struct CompletionRequest: Sendable, Equatable {
    /// What to continue.
    package enum Prompt: Sendable, Equatable {
        case text(String)
        /// Token ids of the model's vocabulary; whether they exist is the tokenizer's to check.
        case tokens([Int32])
    }

    /// The model's name; nil for the one that is served.
    package let model: String?
    /// What to continue.
    package let prompt: Prompt
    /// Sampling and delivery.
    package let parameters: GenerationParameters

    /// Reads a body.
    ///
    /// - Throws: `APIError` 400 that names the field.
    package init(body: [UInt8]) throws(APIError) {
        self = try APIError.reading(body) { try Self($0) }
    }

    private init(_ fields: JSONFieldReader) throws {
        model = try fields.optionalString("model")
        prompt = try Self.prompt(fields)
        parameters = try GenerationParameters(fields)
    }

    private static func prompt(_ fields: JSONFieldReader) throws -> Prompt {
        switch fields.optionalValue("prompt") {
        case .string(let text)?:
            return .text(text)
        case .array(let elements)?:
            guard let first = elements.first else {
                throw fields.error("prompt", expected: expectation, found: nil)
            }
            switch first {
            case .string(let text):
                try refuseMoreThanOne(elements)
                return .text(text)
            case .array:
                try refuseMoreThanOne(elements)
                return .tokens(try tokens(first, path: "prompt[0]"))
            default:
                return .tokens(try tokens(.array(elements), path: "prompt"))
            }
        case let other:
            throw fields.error("prompt", expected: expectation, found: other)
        }
    }

    private static let expectation = "a string or an array of token ids"

    private static func refuseMoreThanOne(_ prompts: [JSONValue]) throws(APIError) {
        guard prompts.count == 1 else {
            throw .unsupported(
                "prompt", "\(prompts.count) prompts in one request are not supported: send one request each")
        }
    }

    private static func tokens(_ value: JSONValue, path: String) throws -> [Int32] {
        let elements = value.arrayValue ?? []
        guard !elements.isEmpty else {
            throw JSONFieldError(path: path, expected: "at least one token id", found: "an empty array")
        }
        return try elements.enumerated().map { position, element in
            guard let token = element.integerValue.flatMap({ Int32(exactly: $0) }), token >= 0 else {
                throw JSONFieldError(
                    path: "\(path)[\(position)]", expected: "a token id", found: element.kindDescription)
            }
            return token
        }
    }
}

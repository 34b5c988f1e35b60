package import LaminaJSON

/// The body of `POST /v1/chat/completions`.
package struct ChatCompletionRequest: Sendable, Equatable {
    /// The model's name; nil for the one that is served.
    package let model: String?
    /// At least one.
    package let messages: [ChatMessage]
    /// Variables for the chat template, such as `enable_thinking`.
    package let templateVariables: JSONObject
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
        let elements = try fields.array("messages")
        guard (1...OpenAILimits.messages).contains(elements.count) else {
            throw JSONFieldError(
                path: "messages", expected: "1 to \(OpenAILimits.messages) messages", found: "\(elements.count)")
        }
        messages = try elements.map { try ChatMessage(try $0.fields()) }
        templateVariables = try fields.optionalObject("chat_template_kwargs")?.object ?? JSONObject()
        parameters = try GenerationParameters(fields)
    }
}

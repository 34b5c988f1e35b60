package import LaminaJSON

/// A whole answer, for requests that do not stream.
package struct CompletionResponse: Sendable, Equatable {
    /// Kind, id, time and model.
    package let identity: CompletionIdentity
    /// The answer.
    package let text: String
    /// Why it ended.
    package let finishReason: CompletionFinishReason
    /// Tokens it took.
    package let usage: Usage

    /// A complete answer.
    package init(identity: CompletionIdentity, text: String, finishReason: CompletionFinishReason, usage: Usage) {
        self.identity = identity
        self.text = text
        self.finishReason = finishReason
        self.usage = usage
    }

    /// The body: `chat.completion` or `text_completion`.
    package var json: JSONValue {
        var choice: JSONObject = ["index": 0]
        switch identity.endpoint {
        case .chat: choice["message"] = ["role": "assistant", "content": .string(text), "refusal": nil]
        case .text: choice["text"] = .string(text)
        }
        choice["logprobs"] = .null
        choice["finish_reason"] = .string(finishReason.rawValue)
        var body = identity.head(isChunk: false)
        body["choices"] = [.object(choice)]
        body["usage"] = usage.json
        return .object(body)
    }
}

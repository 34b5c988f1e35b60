package import LaminaJSON

/// How many tokens a request took.
package struct Usage: Sendable, Equatable {
    /// Tokens of the prompt.
    package var promptTokens: Int
    /// Tokens generated.
    package var completionTokens: Int
    /// Prompt tokens that were found in the prefix cache; the inference gateway reads this.
    package var cachedTokens: Int

    /// Numbers of one request.
    package init(promptTokens: Int, completionTokens: Int, cachedTokens: Int = 0) {
        self.promptTokens = promptTokens
        self.completionTokens = completionTokens
        self.cachedTokens = cachedTokens
    }

    /// The member `usage` of a response.
    package var json: JSONValue {
        [
            "prompt_tokens": .integer(Int64(promptTokens)), "completion_tokens": .integer(Int64(completionTokens)),
            "total_tokens": .integer(Int64(promptTokens + completionTokens)),
            "prompt_tokens_details": ["cached_tokens": .integer(Int64(cachedTokens))],
        ]
    }
}

/// Why an answer ended.
package enum CompletionFinishReason: String, Sendable {
    /// The model ended it, or a stop string was met.
    case stop
    /// The token limit or the context was reached.
    case length
}

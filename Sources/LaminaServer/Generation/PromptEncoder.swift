package import LaminaJSON
package import LaminaModel
package import LaminaTelemetry

/// Turns what a client sends into the tokens a model was trained on.
package struct PromptEncoder: Sendable {
    private let tokenizer: Tokenizer
    private let template: ChatTemplate?
    private let variables: ChatTemplate.Variables
    private let beginning: TokenID?

    /// Uses the file's vocabulary and chat template.
    package init(_ file: ModelFile) {
        tokenizer = file.tokenizer
        template = file.chatTemplate
        beginning = tokenizer.addsBeginningOfSequence ? tokenizer.beginningOfSequence : nil
        variables = ChatTemplate.Variables(
            bosToken: tokenizer.beginningOfSequence.map { [tokenizer] in tokenizer.text(of: $0) },
            eosToken: tokenizer.endOfSequence.map { [tokenizer] in tokenizer.text(of: $0) })
    }

    /// Fewest tokens that `bytes` bytes of text can come to.
    package func leastTokens(bytes: Int) -> Int {
        (bytes + tokenizer.longestTokenBytes - 1) / tokenizer.longestTokenBytes
    }

    /// A plain prompt. Control tokens written in it are those tokens: the caller composes the prompt.
    package func encode(text: String) -> [TokenID] {
        tokenizer.encode(text, parsing: .everywhere, addingBeginningAndEnd: true)
    }

    /// A conversation, rendered by the model's chat template up to where the assistant answers.
    ///
    /// Control tokens are recognized in what the template writes only: text of a message cannot end its turn or open another.
    /// - Parameters:
    ///   - extra: variables of the client's for the template, such as `enable_thinking`.
    ///   - now: what templates that print the date read.
    /// - Throws: `ChatTemplateError`, where the template refuses the conversation; `NoChatTemplate`.
    package func encode(
        chat messages: [JSONValue], variables extra: JSONObject = JSONObject(), now: UnixTime = .now()
    ) throws -> [TokenID] {
        guard let template else { throw NoChatTemplate() }
        var variables = variables
        variables.extra = extra
        let segments = try template.renderSegments(
            messages: messages, tools: nil, addGenerationPrompt: true, variables: variables,
            now: CalendarTime(secondsSince1970: Int64(now.seconds)))
        var text = ""
        var written: [Range<Int>] = []
        for segment in segments {
            let start = text.utf8.count
            text += segment.text
            if !segment.isTrusted { written.append(start..<text.utf8.count) }
        }
        let tokens = tokenizer.encode(text, parsing: .outside(written))
        // Most templates write the beginning themselves; a second one would only confuse the model.
        guard let beginning, tokens.first != beginning else { return tokens }
        return [beginning] + tokens
    }
}

/// A conversation was sent to a model that only continues text.
package struct NoChatTemplate: Error, CustomStringConvertible {
    /// The only case there is.
    package init() {}

    package var description: String {
        "this model has no chat template (tokenizer.chat_template); use /v1/completions instead"
    }
}

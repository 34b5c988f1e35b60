package import LaminaJSON

/// A model's chat template: turns a conversation into the prompt the model was trained on.
///
/// The language is Jinja as Hugging Face's `apply_chat_template` sets it up (`trim_blocks`, `lstrip_blocks`, loop controls,
/// its `tojson`, `raise_exception`, `strftime_now`, the immutable sandbox), interpreted here without Python. Parsed once when the
/// model is loaded; rendering is safe from any number of tasks.
package struct ChatTemplate: Sendable {
    /// What the template finds besides the conversation.
    package struct Variables: Sendable {
        /// The text of the token that begins a sequence; undefined if nil.
        package var bosToken: String?
        /// The text of the token that ends a sequence; undefined if nil.
        package var eosToken: String?
        /// The client's `chat_template_kwargs`, such as `enable_thinking`; untrusted.
        package var extra: JSONObject

        /// Variables; all may be left out.
        package init(bosToken: String? = nil, eosToken: String? = nil, extra: JSONObject = JSONObject()) {
            self.bosToken = bosToken
            self.eosToken = eosToken
            self.extra = extra
        }
    }

    /// The roles the API checks: a template may put these, and no others, into a control token.
    private static let knownRoles: Set = ["system", "developer", "user", "assistant", "tool", "function"]

    private let body: [TemplateStatement]
    private let limits: ChatTemplateLimits

    /// Parses a template.
    ///
    /// - Throws: `ChatTemplateError` if it is not well-formed, too large, or uses a tag that is not supported. An unknown
    ///   filter or test is reported only when it is used.
    package init(source: String, limits: ChatTemplateLimits = ChatTemplateLimits()) throws(ChatTemplateError) {
        body = try TemplateParser.parse(source, limits: limits)
        self.limits = limits
    }

    /// Renders a conversation as one text.
    ///
    /// - Throws: `ChatTemplateError`; `raised` is the template's own refusal of the conversation.
    package func render(
        messages: [JSONValue], tools: [JSONValue]?, addGenerationPrompt: Bool, variables: Variables = Variables(),
        now: CalendarTime
    ) throws(ChatTemplateError) -> String {
        try renderString(messages, tools, addGenerationPrompt, variables, now).text
    }

    /// Renders a conversation and tells which parts the template itself wrote; joined, they are what `render` gives.
    ///
    /// - Throws: `ChatTemplateError`; `raised` is the template's own refusal of the conversation.
    package func renderSegments(
        messages: [JSONValue], tools: [JSONValue]?, addGenerationPrompt: Bool, variables: Variables = Variables(),
        now: CalendarTime
    ) throws(ChatTemplateError) -> [RenderedSegment] {
        try renderString(messages, tools, addGenerationPrompt, variables, now).segments
    }

    private func renderString(
        _ messages: [JSONValue], _ tools: [JSONValue]?, _ addGenerationPrompt: Bool, _ variables: Variables,
        _ now: CalendarTime
    ) throws(ChatTemplateError) -> TemplateString {
        let evaluator = TemplateEvaluator(limits: limits, now: now)
        do {
            var names: [(name: String, value: TemplateValue)] = []
            for member in variables.extra {
                names.append((member.key, try TemplateValue(untrusted: member.value, depth: limits.valueDepth)))
            }
            names.append(("messages", .list(try messages.map(value(ofMessage:)))))
            names.append(("tools", try tools.map { try value(of: .array($0)) } ?? .none))
            names.append(("documents", .none))
            names.append(("add_generation_prompt", .bool(addGenerationPrompt)))
            if let token = variables.bosToken { names.append(("bos_token", .trusted(token))) }
            if let token = variables.eosToken { names.append(("eos_token", .trusted(token))) }
            return try evaluator.run(body, variables: names)
        } catch let failure as TemplateFailure {
            throw failure.located(at: evaluator.line)
        } catch {
            throw .evaluation(line: evaluator.line, message: "\(error)")
        }
    }

    private func value(of json: JSONValue) throws -> TemplateValue {
        try TemplateValue(untrusted: json, depth: limits.valueDepth)
    }

    /// A message; its role is trusted if it is one of the known ones, since templates build control tokens from it.
    private func value(ofMessage message: JSONValue) throws -> TemplateValue {
        guard case .dictionary(var dictionary) = try value(of: message) else { return try value(of: message) }
        if let role = message["role"]?.stringValue, Self.knownRoles.contains(role) {
            try dictionary.set(.trusted(role), for: .trusted("role"))
        }
        return .dictionary(dictionary)
    }
}

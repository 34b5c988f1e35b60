import ArgumentParser

/// How prompts are sent.
enum PromptForm: String, EnumerableFlag, Sendable {
    /// `/v1/chat/completions`, words.
    case chat
    /// `/v1/completions`, words.
    case completions
    /// `/v1/completions`, token ids.
    case promptIds

    var path: String { self == .chat ? "/v1/chat/completions" : "/v1/completions" }

    static func help(for value: PromptForm) -> ArgumentHelp? {
        switch value {
        case .chat: "Send words to /v1/chat/completions (the default)."
        case .completions: "Send words to /v1/completions."
        case .promptIds: "Send token ids to /v1/completions: prompts have exactly the length asked for."
        }
    }
}

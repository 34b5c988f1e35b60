import LaminaJSON

/// What every piece of one answer repeats: its kind, id, time and model.
package struct CompletionIdentity: Sendable, Equatable {
    /// Which of the two endpoints answers.
    package enum Endpoint: Sendable {
        case chat, text
    }

    /// The endpoint that answers.
    package let endpoint: Endpoint
    /// `chatcmpl-...` or `cmpl-...`.
    package let id: String
    /// Seconds since 1970.
    package let created: Int64
    /// The name of the served model.
    package let model: String

    /// What all pieces of one answer repeat.
    package init(endpoint: Endpoint, id: String, created: Int64, model: String) {
        self.endpoint = endpoint
        self.id = id
        self.created = created
        self.model = model
    }

    /// The members that a response or chunk begins with.
    func head(isChunk: Bool) -> JSONObject {
        [
            "id": .string(id), "object": .string(object(isChunk: isChunk)), "created": .integer(created),
            "model": .string(model),
        ]
    }

    private func object(isChunk: Bool) -> String {
        switch endpoint {
        case .chat: isChunk ? "chat.completion.chunk" : "chat.completion"
        case .text: "text_completion"
        }
    }
}

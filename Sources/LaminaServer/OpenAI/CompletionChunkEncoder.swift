import LaminaJSON

/// Encodes the pieces of a streamed answer: the data of Server-Sent Events, without their framing.
///
/// A piece is written per token, so what all pieces share is encoded once, and a piece of text costs one copy and one escape.
package struct CompletionChunkEncoder: Sendable {
    /// The data of the event that ends every stream.
    package static let done = Array("[DONE]".utf8)

    /// Everything up to the text, opening quote not included.
    private let textPrefix: String
    /// Everything up to `finish_reason`'s value, with an empty delta or text.
    private let finishPrefix: String
    private let rolePiece: [UInt8]?
    private let usagePrefix: String
    /// Between the text and the end; `usage` is null in every piece but the last if usage is sent.
    private let textSuffix: String
    private let ending: String

    /// - Parameter includesUsage: whether the stream will end with `usage`; then the other pieces carry `"usage":null`.
    package init(identity: CompletionIdentity, includesUsage: Bool) {
        let head = JSONWriter.text(of: .object(identity.head(isChunk: true))).dropLast()
        let choice = head + #","choices":[{"index":0,"#
        ending = includesUsage ? #"}],"usage":null}"# : "}]}"
        usagePrefix = head + #","choices":[],"usage":"#
        switch identity.endpoint {
        case .chat:
            textPrefix = choice + #""delta":{"content":"#
            textSuffix = #"},"logprobs":null,"finish_reason":null"# + ending
            finishPrefix = choice + #""delta":{},"logprobs":null,"finish_reason":"#
            let role =
                choice + #""delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null"# + ending
            rolePiece = Array(role.utf8)
        case .text:
            textPrefix = choice + #""text":"#
            textSuffix = #","logprobs":null,"finish_reason":null"# + ending
            finishPrefix = choice + #""text":"","logprobs":null,"finish_reason":"#
            rolePiece = nil
        }
    }

    /// The first piece of a chat, which names the role; nil for text completions, which have none.
    package var start: [UInt8]? { rolePiece }

    /// A piece of text.
    package func text(_ text: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(raw: textPrefix)
        writer.append(text)
        writer.append(raw: textSuffix)
        return writer.bytes
    }

    /// The piece that says why the answer ended.
    package func finish(_ reason: CompletionFinishReason) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(raw: finishPrefix)
        writer.append(reason.rawValue)
        writer.append(raw: ending)
        return writer.bytes
    }

    /// The last piece if usage is sent: no choices, only numbers.
    package func usage(_ usage: Usage) -> [UInt8] {
        var writer = JSONWriter()
        writer.append(raw: usagePrefix)
        writer.append(usage.json)
        writer.append(raw: "}")
        return writer.bytes
    }
}

/// A piece of a rendered prompt: who wrote it decides whether it may name control tokens.
///
/// A tokenizer should look for control tokens in trusted text only, and otherwise treat neighbouring segments as one text, so that
/// a conversation without control tokens in it gets the same tokens as from the plain prompt.
package struct RenderedSegment: Sendable, Equatable {
    /// The piece.
    package let text: String
    /// True where the template wrote the text; false where it came from the client.
    package let isTrusted: Bool

    /// A piece and who wrote it.
    package init(text: String, isTrusted: Bool) {
        self.text = text
        self.isTrusted = isTrusted
    }
}

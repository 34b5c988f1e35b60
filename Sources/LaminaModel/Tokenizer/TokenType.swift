/// What a token is for; the raw values are those of `tokenizer.ggml.token_type` in a GGUF file.
package enum TokenType: Int32, Sendable {
    /// A piece of text.
    case normal = 1
    /// Stands for text that the vocabulary cannot express.
    case unknown = 2
    /// Structure that is not text: beginning and end of a sequence, chat turns.
    case control = 3
    /// Text that is always one token, found before everything else.
    case userDefined = 4
    /// A piece that exists only as a step of merging and is never produced.
    case unused = 5
    /// One byte, written `<0xAB>`.
    case byte = 6

    /// Whether text given as plain text must never become this token.
    var isSpecial: Bool { self == .control || self == .unknown }

    /// Whether merging may pass through or arrive at this token.
    var isMergeable: Bool { self == .normal || self == .userDefined || self == .unused }
}

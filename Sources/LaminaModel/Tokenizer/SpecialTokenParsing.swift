/// Where control tokens written out in a text, such as `<|im_end|>`, become the tokens they name.
///
/// What a user typed must not be able to end a turn or to speak for the system, so it is encoded as plain text.
/// User-defined tokens are text, and are found wherever they stand.
package enum SpecialTokenParsing: Sendable, Equatable {
    /// Everywhere: the text is a rendered template or comes from a trusted author.
    case everywhere
    /// Nowhere: every character is plain text.
    case nowhere
    /// Everywhere but in these parts, given as UTF-8 offsets in rising order: a rendered template with what users wrote inside it.
    /// A control token that reaches into such a part is plain text too.
    case outside([Range<Int>])
}

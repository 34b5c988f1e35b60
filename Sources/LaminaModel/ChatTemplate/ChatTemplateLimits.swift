/// What a chat template may cost. Templates come with model files, so a hostile one must end in an error.
package struct ChatTemplateLimits: Sendable {
    /// Bytes of the template itself; the longest in use are about 20 KiB.
    package var sourceBytes = 1 << 20
    /// How deep expressions and blocks may be nested in the source; the parser recurses once per level.
    package var syntaxDepth = 120
    /// How deep the evaluation may recurse, macros included.
    package var evaluationDepth = 250
    /// How deep lists and dictionaries may be nested, messages included.
    package var valueDepth = 80
    /// Characters of the prompt and of any text made on the way.
    package var textLength = 8 << 20
    /// Units of work: about one per expression, loop iteration and character of a text that is made.
    package var work = 32 << 20

    /// The limits above.
    package init() {}
}

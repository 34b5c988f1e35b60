/// A model file opened and understood, without its weights: what can be checked in milliseconds.
package struct ModelFile: Sendable {
    /// The mapped file.
    package let file: GGUFFile
    /// Dimensions of the model.
    package let configuration: ModelConfiguration
    /// Text to tokens and back.
    package let tokenizer: Tokenizer
    /// Renders conversations; nil where the file has no `tokenizer.chat_template`.
    package let chatTemplate: ChatTemplate?

    /// Opens the file at `path` and checks metadata, vocabulary and chat template.
    /// - Throws: `GGUFError`, `ModelError`, `TokenizerError` or `ChatTemplateError`; each says what is wrong with the file.
    package init(path: String) throws {
        file = try GGUFFile(path: path)
        configuration = try ModelConfiguration(file.header)
        tokenizer = try Tokenizer(TokenizerVocabulary(file))
        chatTemplate = try file.metadata.string("tokenizer.chat_template").map { try ChatTemplate(source: $0) }
        guard tokenizer.count == configuration.vocabularySize else {
            throw ModelError.invalidMetadata(
                path: path, key: "\(configuration.architecture).vocab_size", found: "\(configuration.vocabularySize)",
                allowed: "the number of tokens in tokenizer.ggml.tokens, \(tokenizer.count)")
        }
    }
}

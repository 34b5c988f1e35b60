extension TokenizerVocabulary {
    /// Reads the `tokenizer.ggml.*` metadata of a file.
    /// - Throws: `ModelError` where there is no vocabulary this server can use; `GGUFError` for values of the wrong type.
    package init(_ file: GGUFFile) throws {
        let metadata = file.metadata
        func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }
        func token(_ name: String) throws -> TokenID? {
            guard let number = try metadata.int(key(name)) else { return nil }
            guard let token = TokenID(exactly: number) else {
                throw ModelError.invalidMetadata(
                    path: file.path, key: key(name), found: "\(number)", allowed: "a token of the vocabulary")
            }
            return token
        }
        let model: Model
        switch try metadata.string(key("model")) {
        case "gpt2": model = .byteLevelBPE
        case "llama": model = .sentencePiece
        case let other:
            throw ModelError.invalidMetadata(
                path: file.path, key: key("model"), found: other.map { "\"\(printable($0))\"" } ?? "absent",
                allowed: "\"gpt2\" (byte-level BPE) or \"llama\" (SentencePiece)")
        }
        guard let tokens = try metadata.strings(key("tokens")) else {
            throw ModelError.missingMetadata(path: file.path, key: key("tokens"))
        }
        let types = try (metadata.ints(key("token_type")) ?? []).map { number in
            guard let type = Int32(exactly: number).flatMap(TokenType.init(rawValue:)) else {
                throw ModelError.invalidMetadata(
                    path: file.path, key: key("token_type"), found: "\(number)", allowed: "1 to 6")
            }
            return type
        }
        self.init(
            model: model, preTokenizer: try metadata.string(key("pre")), tokens: tokens,
            scores: try metadata.floats(key("scores")) ?? [], types: types,
            merges: try metadata.strings(key("merges")) ?? [])
        beginningOfSequence = try token("bos_token_id")
        endOfSequence = try token("eos_token_id")
        endOfTurn = try token("eot_token_id")
        unknown = try token("unknown_token_id")
        padding = try token("padding_token_id")
        addsBeginningOfSequence = try metadata.bool(key("add_bos_token"))
        addsEndOfSequence = try metadata.bool(key("add_eos_token"))
        addsSpacePrefix = try metadata.bool(key("add_space_prefix"))
        removesExtraWhitespace = try metadata.bool(key("remove_extra_whitespaces"))
    }
}

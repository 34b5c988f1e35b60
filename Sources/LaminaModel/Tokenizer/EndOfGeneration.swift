/// Which tokens end an answer.
///
/// GGUF names only the end of the sequence and of a turn, and converters are known to leave out one of them or to mark
/// such a token as text. So the tokens are also known by their texts, as llama.cpp does (`llama-vocab.cpp`).
enum EndOfGeneration {
    /// Control tokens that end an answer in the public model families.
    private static let wellKnownTexts: [String] = [
        "<|endoftext|>", "<|end_of_text|>", "<|im_end|>", "<|eot_id|>", "<|eom_id|>", "<|end|>", "<|return|>",
        "<|call|>", "<|calls|>", "<|flush|>", "<end_of_turn>", "<end_of_utterance>", "</s>", "<eos>", "<EOT>", "_<EOT>",
        "[EOT]", "[EOS]", "<｜end▁of▁sentence｜>",
        // A model that turns to another file or to padding in fill-in-the-middle has finished, too.
        "<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
        "<reponame>", "<|file_sep|>",
    ]

    /// The tokens among `texts` that are known to end an answer.
    ///
    /// In the harmony and solar formats `<|end|>` only ends a message of several; there others end the answer.
    static func wellKnownTokens(in texts: TokenTable) -> Set<TokenID> {
        func token(_ text: String) -> TokenID? {
            let bytes = Array(text.utf8)
            return texts.find(bytes, 0..<bytes.count)
        }
        var tokens = Set(wellKnownTexts.compactMap(token))
        let hasSeveralMessages =
            (token("<|return|>") != nil && token("<|call|>") != nil)
            || (token("<|flush|>") != nil && (token("<|call|>") ?? token("<|calls|>")) != nil)
        if hasSeveralMessages, let end = token("<|end|>") { tokens.remove(end) }
        return tokens
    }
}

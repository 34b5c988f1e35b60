/// What the `tokenizer.ggml.*` metadata of a GGUF file says, as plain values and not yet checked.
///
/// Two things a tokenizer's own configuration may hold have no place in GGUF and are therefore not applied, as in
/// llama.cpp: Unicode normalisation before byte-level BPE (Qwen2's own configuration asks for NFC), and SentencePiece's
/// `precompiled_charsmap` (so `identity` models are exact, and `nmt_nfkc` models only for text NFKC leaves alone).
package struct TokenizerVocabulary: Sendable {
    /// The algorithm that turns text into tokens.
    package enum Model: Sendable {
        /// Merges over bytes, each byte written as one character; `tokenizer.ggml.model` is `gpt2`.
        case byteLevelBPE
        /// Score-driven merges over characters with `▁` for the space; `tokenizer.ggml.model` is `llama`.
        case sentencePiece
    }

    /// `tokenizer.ggml.model`.
    package var model: Model
    /// `tokenizer.ggml.pre`: how byte-level BPE cuts text into words; `nil` where the file says nothing.
    package var preTokenizer: String?
    /// `tokenizer.ggml.tokens`: the text of every token; the index is the token's id.
    package var tokens: [String]
    /// `tokenizer.ggml.scores`: SentencePiece merges the highest first. Empty for byte-level BPE.
    package var scores: [Float]
    /// `tokenizer.ggml.token_type`; empty means that all tokens are normal.
    package var types: [TokenType]
    /// `tokenizer.ggml.merges`: `"left right"`, the most important first. Empty for SentencePiece.
    package var merges: [String]

    /// `tokenizer.ggml.bos_token_id`.
    package var beginningOfSequence: TokenID?
    /// `tokenizer.ggml.eos_token_id`.
    package var endOfSequence: TokenID?
    /// `tokenizer.ggml.eot_token_id`.
    package var endOfTurn: TokenID?
    /// `tokenizer.ggml.unknown_token_id`.
    package var unknown: TokenID?
    /// `tokenizer.ggml.padding_token_id`.
    package var padding: TokenID?

    /// `tokenizer.ggml.add_bos_token`; without it the algorithm's own default holds.
    package var addsBeginningOfSequence: Bool?
    /// `tokenizer.ggml.add_eos_token`; without it nothing is added.
    package var addsEndOfSequence: Bool?
    /// `tokenizer.ggml.add_space_prefix`: SentencePiece puts a space before the text unless this is false.
    package var addsSpacePrefix: Bool?
    /// `tokenizer.ggml.remove_extra_whitespaces`: SentencePiece folds runs of spaces and trims the text.
    package var removesExtraWhitespace: Bool?

    /// A vocabulary with its tokens; everything else starts as a file that does not mention it.
    package init(
        model: Model,
        preTokenizer: String? = nil,
        tokens: [String],
        scores: [Float] = [],
        types: [TokenType] = [],
        merges: [String] = []
    ) {
        self.model = model
        self.preTokenizer = preTokenizer
        self.tokens = tokens
        self.scores = scores
        self.types = types
        self.merges = merges
    }
}

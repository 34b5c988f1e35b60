/// How a model family cuts text into words before byte-pair encoding: what `tokenizer.ggml.pre` names.
struct PreTokenizer: Sendable, Equatable {
    /// The rule, written as the regular expression the family publishes; `PieceScanner` carries it out.
    enum Pattern: Sendable {
        /// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
        case gpt2
        /// `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+`
        /// `|\s+(?!\S)|\s+`
        case llama3
        /// As `llama3`, but every digit alone: `\p{N}`.
        case qwen2
        /// Every digit alone, then `gpt2` on the text between.
        case smollm
        /// What llama.cpp does for a file that names nothing: `[\p{P}\$\+<=>\^~\|]+` alone, then `gpt2` on the text
        /// between, then `\p{N}+` alone, then `[0-9][0-9][0-9]` alone.
        case llamaCppDefault
    }

    let pattern: Pattern
    /// A word that is a token as it stands is not merged from its bytes (`ignore_merges`).
    let usesWholeWords: Bool
    /// Whether the family begins a sequence with a token of its own, where the file does not say.
    let addsBeginningOfSequence: Bool

    /// The pre-tokenizer of this name; the names that llama.cpp treats alike are alike here.
    init(named name: String?) throws(TokenizerError) {
        guard let name else {
            self.init(.llamaCppDefault)
            return
        }
        guard let found = Self.byName[name] else { throw .unsupportedPreTokenizer(name: name) }
        self = found
    }

    /// Every name that `init(named:)` accepts.
    static var supportedNames: [String] { byName.keys.sorted() }

    private init(_ pattern: Pattern, usesWholeWords: Bool = false, addsBeginningOfSequence: Bool = false) {
        self.pattern = pattern
        self.usesWholeWords = usesWholeWords
        self.addsBeginningOfSequence = addsBeginningOfSequence
    }

    private static let byName: [String: PreTokenizer] = {
        let llama3 = PreTokenizer(.llama3, usesWholeWords: true, addsBeginningOfSequence: true)
        let families: [(PreTokenizer, [String])] = [
            (PreTokenizer(.llamaCppDefault), ["default"]),
            (llama3, ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"]),
            (PreTokenizer(.llama3), ["dbrx", "smaug-bpe", "glm4", "chatglm-bpe"]),
            (
                PreTokenizer(.gpt2),
                [
                    "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "granite-docling", "exaone4", "gigachat",
                    "a.x-4.0", "mellum",
                ]
            ),
            (
                PreTokenizer(.qwen2),
                ["qwen2", "deepseek-r1-qwen", "megrez", "stablelm2", "hunyuan", "solar-open", "grok-2", "kormo"]
            ),
            (
                PreTokenizer(.smollm),
                ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"]
            ),
        ]
        return Dictionary(
            families.flatMap { family, names in names.map { ($0, family) } }, uniquingKeysWith: { first, _ in first })
    }()
}

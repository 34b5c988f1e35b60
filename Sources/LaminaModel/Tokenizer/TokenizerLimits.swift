/// What a vocabulary from an untrusted file may ask of us.
enum TokenizerLimits {
    /// The largest public vocabularies hold 262 144 tokens.
    static let maximumTokens = 1 << 22
    /// Published merge lists stay below 500 000.
    static let maximumMerges = 1 << 23
    /// The longest published tokens are runs of a few hundred spaces.
    static let maximumTokenBytes = 1 << 14
    /// All token texts together; a 262 144-token vocabulary takes about 2 MB.
    static let maximumVocabularyBytes = 1 << 26
    /// All control and user-defined tokens together; each byte may cost a node of the trie that finds them.
    static let maximumSpecialTokenBytes = 1 << 22
}

/// The named tokens, with SentencePiece's customary ids where a file leaves them out, as in llama.cpp.
struct SpecialTokenDefaults {
    let beginningOfSequence: TokenID?
    let endOfSequence: TokenID?
    let unknown: TokenID?

    init(_ vocabulary: TokenizerVocabulary, _ types: [TokenType]) {
        /// The customary id, if the vocabulary uses it for that purpose.
        func customary(_ token: TokenID, _ type: TokenType) -> TokenID? {
            guard vocabulary.model == .sentencePiece, types.indices.contains(Int(token)) else { return nil }
            return types[Int(token)] == type ? token : nil
        }
        beginningOfSequence = vocabulary.beginningOfSequence ?? customary(1, .control)
        endOfSequence = vocabulary.endOfSequence ?? customary(2, .control)
        unknown = vocabulary.unknown ?? customary(0, .unknown)
    }
}

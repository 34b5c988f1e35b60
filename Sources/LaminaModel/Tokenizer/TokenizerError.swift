/// Why a vocabulary cannot be used. All of it is the model file's fault: convert the model again or use another one.
package enum TokenizerError: Error, Equatable, CustomStringConvertible {
    case emptyVocabulary
    case tooManyTokens(count: Int, limit: Int)
    case tooManyMerges(count: Int, limit: Int)
    case tokenTooLong(id: TokenID, bytes: Int, limit: Int)
    case vocabularyTooLarge(limitBytes: Int)
    case specialTokensTooLarge(limitBytes: Int)
    case countMismatch(key: String, count: Int, tokens: Int)
    case duplicateToken(text: String, first: TokenID, second: TokenID)
    case tokenOutOfRange(key: String, id: TokenID, tokens: Int)
    case missingToken(key: String, neededBy: String)
    case scoreIsNotANumber(id: TokenID)
    case unsupportedPreTokenizer(name: String)
    case malformedMerge(index: Int, text: String)
    case mergeOfMissingToken(index: Int, text: String, missing: String)
    case malformedByteToken(id: TokenID, text: String)
    case missingByteTokens(count: Int)

    /// What is wrong, and where in the file.
    package var description: String {
        switch self {
        case .emptyVocabulary:
            "tokenizer.ggml.tokens is empty: the file carries no vocabulary"
        case .tooManyTokens(let count, let limit):
            "tokenizer.ggml.tokens holds \(count) tokens, more than the \(limit) accepted"
        case .tooManyMerges(let count, let limit):
            "tokenizer.ggml.merges holds \(count) merges, more than the \(limit) accepted"
        case .tokenTooLong(let id, let bytes, let limit):
            "token \(id) is \(bytes) bytes long, more than the \(limit) accepted"
        case .vocabularyTooLarge(let limitBytes):
            "the texts of tokenizer.ggml.tokens exceed \(limitBytes) bytes together"
        case .specialTokensTooLarge(let limitBytes):
            "the control and user-defined tokens exceed \(limitBytes) bytes together"
        case .countMismatch(let key, let count, let tokens):
            "\(key) holds \(count) entries for \(tokens) tokens; there must be one per token"
        case .duplicateToken(let text, let first, let second):
            "tokens \(first) and \(second) have the same text \(text.debugDescription); every token needs its own"
        case .tokenOutOfRange(let key, let id, let tokens):
            "\(key) is \(id), but the tokens are numbered 0 to \(tokens - 1)"
        case .missingToken(let key, let neededBy):
            "\(key) is missing, but \(neededBy) needs it"
        case .scoreIsNotANumber(let id):
            "the score of token \(id) in tokenizer.ggml.scores is not a number"
        case .unsupportedPreTokenizer(let name):
            "tokenizer.ggml.pre is \(name.debugDescription), which is not supported; supported are "
                + PreTokenizer.supportedNames.joined(separator: ", ")
        case .malformedMerge(let index, let text):
            "merge \(index) is \(text.debugDescription); it must be two tokens with one space between"
        case .mergeOfMissingToken(let index, let text, let missing):
            "merge \(index), \(text.debugDescription), needs \(missing.debugDescription), which is not a token"
        case .malformedByteToken(let id, let text):
            "token \(id) has the type byte but the text \(text.debugDescription); it must read <0x00> to <0xFF>"
        case .missingByteTokens(let count):
            "\(count) of the 256 byte tokens are missing and there is no unknown token: some text could not be encoded"
        }
    }
}

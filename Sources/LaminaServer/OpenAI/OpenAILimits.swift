/// What a request of the OpenAI API may contain, beyond the limit of its body's size.
enum OpenAILimits {
    /// Stop strings; OpenAI allows 4, others 16.
    static let stopStrings = 16
    /// Bytes of one stop string: the detokenizer holds back that much text.
    static let stopStringBytes = 1024
    /// Messages of one conversation.
    static let messages = 4096
    /// Parts of one message's content.
    static let contentParts = 1024
    /// Bytes of a tenant's name or of a cache salt: the scheduler keeps one per waiting request.
    static let nameBytes = 256
    /// Milliseconds a request may ask to be given: a week.
    static let timeoutMilliseconds = 7 * 86_400_000
    /// Tokens in an answer; the context is the real limit.
    static let maximumTokens: Int64 = 1 << 24
}

/// How much any one caller may ask for; nil where nothing is limited.
package struct CallerLimits: Sendable, Equatable {
    /// Requests for text in a minute.
    package var requestsPerMinute: Int?
    /// Tokens in a minute, those of prompts and generated ones together.
    package var tokensPerMinute: Int?
    /// Requests for text at the same time.
    package var concurrentRequests: Int?

    /// No limits.
    package init() {}

    /// The limits, as metrics and error codes name them.
    enum Kind: String, CaseIterable, Sendable {
        case requests, tokens, concurrency
    }

    var isEmpty: Bool { requestsPerMinute == nil && tokensPerMinute == nil && concurrentRequests == nil }

    /// Callers whose use is remembered. Beyond them, those who have not used their share up are forgotten, and where all have,
    /// newcomers share one account.
    static let trackedCallers = 4096
}

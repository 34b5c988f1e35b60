import ArgumentParser
import LaminaServer

/// How much any one caller may ask for.
struct CallerLimitOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Requests for text that one caller may send in a minute; more get 429; 0 for any number "
                + "(LAMINA_CALLER_REQUESTS_PER_MINUTE). Default: 0.", valueName: "count"))
    var callerRequestsPerMinute: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens, of prompts and generated, that one caller may use in a minute; 0 for any number "
                + "(LAMINA_CALLER_TOKENS_PER_MINUTE). Default: 0.", valueName: "count"))
    var callerTokensPerMinute: Int?

    @Option(
        help: ArgumentHelp(
            "Requests for text that one caller may have at the same time; 0 for any number (LAMINA_CALLER_CONCURRENCY). "
                + "Default: 0.", valueName: "count"))
    var callerConcurrency: Int?

    private static let most = 1_000_000_000

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        func limit(_ option: Int?, _ name: String) throws -> Int? {
            try read.number(option, name, 0...Self.most).flatMap { $0 > 0 ? $0 : nil }
        }
        configuration.callerLimits.requestsPerMinute = try limit(callerRequestsPerMinute, "caller-requests-per-minute")
        configuration.callerLimits.tokensPerMinute = try limit(callerTokensPerMinute, "caller-tokens-per-minute")
        configuration.callerLimits.concurrentRequests = try limit(callerConcurrency, "caller-concurrency")
    }
}

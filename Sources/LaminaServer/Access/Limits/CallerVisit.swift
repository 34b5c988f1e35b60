import HTTPTypes

/// One request for text that was let in: counts what it takes for its caller, and makes its place free when it is let go.
package final class CallerVisit: Sendable {
    private let caller: CallerAccount
    /// What the caller is remembered under; nil where nothing is limited.
    private let name: String?
    private let accounts: CallerAccounts

    /// The visit that the current task answers; nil outside of requests for text.
    @TaskLocal static var current: CallerVisit?

    init(caller: CallerAccount, name: String?, accounts: CallerAccounts) {
        self.caller = caller
        self.name = name
        self.accounts = accounts
    }

    // However the request ended, and whoever forgot it.
    deinit { if let name { accounts.leave(name) } }

    /// The engine has taken a prompt.
    func took(promptTokens count: Int) {
        accounts.metrics.took(promptTokens: count, of: caller)
        if let name { accounts.charge(count, to: name) }
    }

    /// So many tokens were generated, whether or not the client has waited for them.
    func generated(_ count: Int) {
        accounts.metrics.generated(count, for: caller)
        if let name { accounts.charge(count, to: name) }
    }

    /// How the caller stands now, for the answer; empty where nothing is limited.
    var fields: HTTPFields { name.map { accounts.standing(of: $0).fields } ?? [:] }
}

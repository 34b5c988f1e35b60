/// Whose a request is, how urgent, until when, and with whom it shares its cached beginning.
package struct RequestTerms: Sendable, Equatable {
    /// Who shares the engine fairly with others of the same priority.
    package var tenant: Tenant
    /// Lower values come first.
    package var priority: Int
    /// When nobody waits for the answer any more; nil for never.
    package var deadline: ContinuousClock.Instant?
    /// Only requests with the same salt find each other's beginnings in the cache; nil shares with all others that have none.
    package var cacheSalt: String?

    /// An ordinary request of the common tenant.
    package init(
        tenant: Tenant = .common, priority: Int = 0, deadline: ContinuousClock.Instant? = nil,
        cacheSalt: String? = nil
    ) {
        self.tenant = tenant
        self.priority = priority
        self.deadline = deadline
        self.cacheSalt = cacheSalt
    }
}

/// Who a request is counted for.
package enum Tenant: Sendable, Hashable {
    /// All requests that name nobody.
    case common
    /// Requests that carry this name.
    case named(String)
}

/// The requests that wait: by priority, and inside a priority fair between tenants.
///
/// Of the tenants of the most urgent priority, the one that was served least goes first (the virtual token counter of Sheng et al. 2024,
/// "Fairness in Serving Large Language Models"); a tenant's own requests keep the order of their arrival. A tenant that was away
/// begins where the others stand: it neither saves up service nor has to make good for what nobody else wanted. Requests that have
/// given their blocks back come before all that have not been in yet.
struct WaitingQueue {
    /// Requests that wait.
    private(set) var count = 0
    /// Counts requests that came or went.
    private(set) var changes = 0
    private var levels: [Int: FairLevel] = [:]

    /// Levels kept for the accounts of tenants that are away.
    private static let idleLevels = 64

    /// Tenants that wait.
    var tenantCount: Int { levels.values.reduce(0) { $0 + $1.waitingTenants } }
    /// Tenants remembered, those that are away included.
    var accountCount: Int { levels.values.reduce(0) { $0 + $1.accountCount } }
    /// All requests, in no particular order.
    var ids: [SequenceID] { levels.values.flatMap(\.ids) }

    /// Adds a request in its tenant's order of arrival: a preempted one comes before all that came after it.
    mutating func add(_ sequence: SequenceState) {
        levels[sequence.priority, default: FairLevel()].add(sequence)
        count += 1
        changes += 1
    }

    /// The request whose turn it is.
    var next: SequenceState? {
        let priority = levels.lazy.filter { $0.value.waitingTenants > 0 }.map(\.key).min()
        return priority.flatMap { levels[$0]?.next }
    }

    /// The request that came first, whatever its priority and tenant.
    var oldest: SequenceState? {
        levels.values.compactMap(\.oldest).min { $0.id.number < $1.id.number }
    }

    /// Takes a request out to let it in, in its turn or because it came first.
    mutating func admit(_ sequence: SequenceState, isOverdue: Bool = false) {
        levels[sequence.priority]?.admit(sequence, isOverdue: isOverdue)
        count -= 1
        changes += 1
    }

    /// Takes a request out that is no longer wanted; false where it does not wait.
    mutating func remove(_ id: SequenceID) -> Bool {
        for priority in levels.keys where levels[priority]?.remove(id) == true {
            count -= 1
            changes += 1
            return true
        }
        return false
    }

    /// Adds to what a sequence's tenant was served, in units of `ServiceCost`.
    mutating func charge(_ sequence: SequenceState, _ cost: Int) {
        levels[sequence.priority, default: FairLevel()].charge(sequence.tenant, cost)
        guard levels.count > Self.idleLevels else { return }
        levels = levels.filter { $0.value.waitingTenants > 0 || $0.key == sequence.priority }
    }

    /// What a tenant was served at a priority; nil where nothing is known of it.
    func served(_ tenant: Tenant, priority: Int) -> Int? { levels[priority]?.served(tenant) }
}

/// What a token counts for its tenant, in eighths of a computed prompt token.
enum ServiceCost {
    /// A token of the prompt that was in the cache.
    static let cachedToken = 1
    /// A token of the prompt that is computed.
    static let promptToken = 8
    /// A generated token: a step of its own, in which the weights are read again.
    static let generatedToken = 16
}

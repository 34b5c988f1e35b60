import DequeModule

/// The waiting requests of one priority, fair between tenants.
struct FairLevel {
    private struct Account {
        var served: Int
        /// In the order of arrival.
        var waiting: Deque<SequenceState> = []
    }

    private var accounts: [Tenant: Account] = [:]
    /// What the tenant admitted last in its turn had been served before: where newcomers begin (start-time fair queueing's virtual time).
    private var floor = 0
    /// Tenants that wait.
    private(set) var waitingTenants = 0

    /// Accounts kept; of tenants that are away, those that were served least are forgotten first.
    private static let accountLimit = 2048

    var ids: [SequenceID] { accounts.values.flatMap { $0.waiting.map(\.id) } }

    var accountCount: Int { accounts.count }

    /// The preempted request with the strongest claim; else the first of the tenant served least, and of the one that came first where
    /// several were.
    ///
    /// Preempted requests do not wait for their tenant's turn: it has been charged for what they hold, and those let in before
    /// them would take the blocks they need.
    var next: SequenceState? {
        best { a, b in
            switch (a.first.rank, b.first.rank) {
            case (let mine?, let its?): mine < its
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): (a.served, a.first.id.number) < (b.served, b.first.id.number)
            }
        }
    }

    /// The request that came first.
    var oldest: SequenceState? { best { $0.first.id.number < $1.first.id.number } }

    func served(_ tenant: Tenant) -> Int? { accounts[tenant]?.served }

    mutating func add(_ sequence: SequenceState) {
        var account = accounts.removeValue(forKey: sequence.tenant) ?? Account(served: floor)
        if account.waiting.isEmpty {
            account.served = max(account.served, floor)
            waitingTenants += 1
        }
        // Those who return to the queue came before those who have not been in yet: they are few, and belong to the front.
        let isNew = account.waiting.last.map { $0.id.number < sequence.id.number } ?? true
        let index = isNew ? account.waiting.count : Self.place(sequence.id, in: account.waiting)
        account.waiting.insert(sequence, at: index)
        accounts[sequence.tenant] = account
        if accounts.count > Self.accountLimit + waitingTenants { forget() }
    }

    /// - Parameter isOverdue: it goes first for its age, whatever its tenant was served: newcomers need not begin there. Nor where a
    ///   preempted one returns.
    mutating func admit(_ sequence: SequenceState, isOverdue: Bool) {
        if !isOverdue, sequence.rank == nil { floor = max(floor, accounts[sequence.tenant]?.served ?? floor) }
        take(sequence.id, of: sequence.tenant)
    }

    mutating func remove(_ id: SequenceID) -> Bool {
        accounts.keys.contains { take(id, of: $0) }
    }

    mutating func charge(_ tenant: Tenant, _ cost: Int) {
        accounts[tenant, default: Account(served: floor)].served += cost
    }

    private func best(
        by precedes: ((served: Int, first: SequenceState), (served: Int, first: SequenceState)) -> Bool
    ) -> SequenceState? {
        accounts.values.lazy.compactMap { account in account.waiting.first.map { (account.served, $0) } }
            .min(by: precedes)?.first
    }

    @discardableResult
    private mutating func take(_ id: SequenceID, of tenant: Tenant) -> Bool {
        guard let waiting = accounts[tenant]?.waiting else { return false }
        let index = Self.place(id, in: waiting)
        guard index < waiting.count, waiting[index].id == id else { return false }
        accounts[tenant]?.waiting.remove(at: index)
        if waiting.count == 1 { waitingTenants -= 1 }
        return true
    }

    /// Where a request stands or belongs in the order of arrival.
    private static func place(_ id: SequenceID, in waiting: Deque<SequenceState>) -> Int {
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if waiting[middle].id.number < id.number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Forgets tenants that are away: all who would begin at the floor anyhow, then those served least.
    private mutating func forget() {
        accounts = accounts.filter { !$0.value.waiting.isEmpty || $0.value.served > floor }
        let away = accounts.filter { $0.value.waiting.isEmpty }.sorted { $0.value.served < $1.value.served }
        for (tenant, _) in away.dropLast(Self.accountLimit / 2) { accounts[tenant] = nil }
    }
}

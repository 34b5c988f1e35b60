import LaminaModel

/// Decides what each step computes. Pure: no clock, no threads, no I/O.
///
/// A request is let in when the cache has blocks for its prompt, and some to spare for those that run already to grow into; blocks that
/// hold its beginning already are shared. Each step every decoding sequence advances by a token and takes a block where it comes to the
/// end of its last one; what is left of the token budget goes to prompts, in chunks, the first come first. When blocks run out, the
/// running sequence with the weakest claim gives all of its back and returns to the queue: what it has generated stays, and its keys and
/// values are found in the cache later or computed again. The sequence with the strongest claim always advances, so all of them end.
struct Scheduler {
    /// What one step computes, and for whom.
    struct Step {
        var batch = ForwardBatch()
        /// The sequence of each slice of the batch.
        var ids: [SequenceID] = []
        /// Sequences that decode: a token each.
        var decodes = 0
        /// Tokens of prompts, and of what preemption took: all others.
        var prefillTokens = 0
        /// Prompt tokens among them that are computed for the first time.
        var promptTokens = 0
        /// Tokens among them that have been computed before.
        var recomputedTokens = 0
        /// Sequences that had to give their blocks back for this step.
        var preemptions = 0
    }

    /// A sequence that has been let in for the first time.
    struct Admission: Equatable {
        let id: SequenceID
        let tenant: Tenant
        let promptTokens: Int
        /// Tokens of the prompt whose keys and values another sequence has left in the cache.
        let cachedTokens: Int
    }

    /// What a sampled token means for its sequence.
    struct Outcome: Equatable {
        let id: SequenceID
        /// Nil where the token only ended the sequence.
        let token: TokenID?
        let finished: FinishReason?
    }

    /// The request that found too few blocks, so that its prompt is not looked up in the cache again and again.
    private struct Blocked {
        let id: SequenceID
        let freeBlocks: Int
        var queueChanges: Int
        var turns = 0
    }

    let limits: EngineLimits
    private(set) var waiting = WaitingQueue()
    /// In the order of their ranks.
    private(set) var running: [SequenceState] = []
    private(set) var pool: BlockPool
    private var deadlines = DeadlineQueue()
    private var admissions: UInt64 = 0
    private var blocked: Blocked?

    /// Every so many admissions the request that came first is let in, whatever its priority and tenant: nobody waits forever.
    static let overdueInterval: UInt64 = 8
    /// Blocks that a sequence should be able to grow by before anybody has to give some back.
    private static let growthBlocks = 4
    /// Turns after which a request that found too few blocks is looked up again: others may have computed its beginning.
    private static let blockedTurns = 16

    init(limits: EngineLimits, blockCount: Int) {
        self.limits = limits
        pool = BlockPool(blockCount: blockCount)
    }

    var isIdle: Bool { waiting.count == 0 && running.isEmpty }
    /// Deadlines remembered, those of sequences that have ended included.
    var deadlineCount: Int { deadlines.count }
    /// All sequences, running ones first.
    var ids: [SequenceID] { running.map(\.id) + waiting.ids }

    /// Puts a sequence into the queue.
    mutating func add(_ sequence: SequenceState, deadline: ContinuousClock.Instant? = nil) {
        waiting.add(sequence)
        guard let deadline else { return }
        deadlines.add(deadline, of: sequence.id)
        if deadlines.count > 2 * (waiting.count + running.count) + 64 {
            let live = Set(ids)
            deadlines.keep { live.contains($0) }
        }
    }

    /// Removes a sequence and frees its blocks; false where there is none.
    mutating func remove(_ id: SequenceID) -> Bool {
        guard let index = running.firstIndex(where: { $0.id == id }) else { return waiting.remove(id) }
        pool.giveBack(running.remove(at: index).blocks)
        return true
    }

    /// Removes the sequences whose deadline has passed, whether they run or wait.
    mutating func expire(at now: ContinuousClock.Instant) -> [SequenceID] {
        deadlines.expired(at: now).filter { remove($0) }
    }

    /// Lets waiting sequences in, as far as blocks and places last; returns those let in for the first time, and how many tokens of
    /// each the cache held already.
    mutating func admit() -> [Admission] {
        var admitted: [Admission] = []
        while running.count < limits.maximumSequences, !isStillBlocked(nil) {
            let isOverdue = admissions % Self.overdueInterval == Self.overdueInterval - 1
            guard var next = isOverdue ? waiting.oldest : waiting.next, takeBlocks(for: &next) else { break }
            waiting.admit(next, isOverdue: isOverdue)
            let isFirst = next.rank == nil
            if next.rank?.isOverdue != true {
                next.rank = .init(
                    isOverdue: isOverdue, priority: next.priority, ordinal: next.rank?.ordinal ?? admissions)
            }
            admissions += 1
            if isFirst { admitted.append(enter(next)) }
            running.insert(next, at: running.firstIndex { rank(of: next) < rank(of: $0) } ?? running.count)
        }
        return admitted
    }

    /// The next step over the running sequences; empty where there are none. Takes the blocks it needs from the sequences with the
    /// weakest claims.
    mutating func schedule(_ allowance: StepPacer.Allowance = .unlimited) -> Step {
        var step = Step()
        step.preemptions = grow()
        step.decodes = running.count { $0.isDecoding }
        var budget = limits.maximumStepTokens - step.decodes
        budget = min(budget, step.decodes > 0 ? allowance.besideDecodes : allowance.alone)
        for sequence in running {
            let count = sequence.isDecoding ? 1 : min(sequence.pendingCount, budget)
            guard count > 0 else { continue }
            step.batch.slices.append(sequence.slice(count))
            step.ids.append(sequence.id)
            guard !sequence.isDecoding else { continue }
            budget -= count
            step.prefillTokens += count
            let start = sequence.computedCount
            step.recomputedTokens += min(count, max(0, sequence.everComputedCount - start))
            step.promptTokens += max(
                0, min(start + count, sequence.promptCount) - max(start, sequence.everComputedCount))
        }
        return step
    }

    /// Takes in a finished step: `sampled` has an element for each slice that wanted logits, in their order; nil ends its
    /// sequence as failed. Sequences removed since are passed over.
    mutating func commit(_ step: Step, sampled: [TokenID?]) -> [Outcome] {
        var outcomes: [Outcome] = []
        var tokens = sampled.makeIterator()
        var ended: Set<SequenceID> = []
        var index = 0
        for (id, slice) in zip(step.ids, step.batch.slices) {
            let result = slice.wantsLogits ? tokens.next() : nil
            // The slices have the order of the running sequences.
            guard let found = running[index...].firstIndex(where: { $0.id == id }) else { continue }
            index = found
            running[index].computed(slice.tokens.count, filingIn: &pool)
            guard let result else { continue }
            waiting.charge(running[index], ServiceCost.generatedToken)
            let finished = result.map { running[index].append($0) } ?? .failed
            let isText = finished == nil || finished == .length
            outcomes.append(Outcome(id: id, token: isText ? result : nil, finished: finished))
            guard finished != nil else { continue }
            pool.giveBack(running[index].blocks)
            ended.insert(id)
        }
        if !ended.isEmpty { running.removeAll { ended.contains($0.id) } }
        return outcomes
    }

    // MARK: Admission

    /// Asks for blocks for a request's tokens, and leaves those that run room to grow. Alone it may have everything.
    private mutating func takeBlocks(for next: inout SequenceState) -> Bool {
        guard !isStillBlocked(next.id) else { return false }
        let spare =
            running.isEmpty
            ? 0 : running.reduce(next.growth(limit: Self.growthBlocks)) { $0 + $1.growth(limit: Self.growthBlocks) }
        let isTaken = next.takeBlocks(from: &pool, leaving: spare)
        blocked = isTaken ? nil : Blocked(id: next.id, freeBlocks: pool.freeCount, queueChanges: waiting.changes)
        return isTaken
    }

    /// Whether no more blocks are free than when the last request found too few, and the same one is next: `id`, or, where the queue has
    /// not changed, whoever it is.
    private mutating func isStillBlocked(_ id: SequenceID?) -> Bool {
        guard let known = blocked, !running.isEmpty, pool.freeCount <= known.freeBlocks,
            known.turns < Self.blockedTurns, id.map({ $0 == known.id }) ?? (waiting.changes == known.queueChanges)
        else { return false }
        blocked?.turns += 1
        blocked?.queueChanges = waiting.changes
        return true
    }

    /// Counts a request's prompt for its tenant.
    private mutating func enter(_ sequence: SequenceState) -> Admission {
        let cached = sequence.computedCount
        waiting.charge(
            sequence,
            cached * ServiceCost.cachedToken + (sequence.promptCount - cached) * ServiceCost.promptToken)
        return Admission(
            id: sequence.id, tenant: sequence.tenant, promptTokens: sequence.promptCount, cachedTokens: cached)
    }

    private func rank(of sequence: SequenceState) -> SequenceState.Rank {
        sequence.rank ?? .init(isOverdue: false, priority: .max, ordinal: .max)
    }

    // MARK: Preemption

    /// Gives every decoding sequence a place for its next token, those with the strongest claims first; says how many others had to
    /// give their blocks back.
    private mutating func grow() -> Int {
        var preemptions = 0
        var index = 0
        while index < running.count {
            if !running[index].lacksBlock || running[index].grow(from: &pool) {
                index += 1
            } else {
                var victim = running.removeLast()
                victim.giveBack(to: &pool)
                waiting.add(victim)
                preemptions += 1
            }
        }
        return preemptions
    }
}

import DequeModule
import LaminaModel

/// Decides what each step computes. Pure: no clock, no threads, no I/O.
///
/// Sequences wait in the order of their arrival. One is let in when the cache has blocks for every token it can come to
/// have, so a running sequence never waits for memory; blocks that hold its beginning already are shared. Each step every
/// decoding sequence advances by a token; what is left of the token budget goes to prompts, in chunks, so that a long prompt
/// does not stall running streams.
struct Scheduler {
    /// What one step computes, and for whom.
    struct Step {
        var batch = ForwardBatch()
        /// The sequence of each slice of the batch.
        var ids: [SequenceID] = []
        /// Prompt tokens among them.
        var promptTokens = 0
    }

    /// A sequence that has been let in.
    struct Admission: Equatable {
        let id: SequenceID
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

    private let limits: EngineLimits
    private var waiting: Deque<SequenceState> = []
    private var running: [SequenceState] = []
    private(set) var pool: BlockPool

    init(limits: EngineLimits, blockCount: Int) {
        self.limits = limits
        pool = BlockPool(blockCount: blockCount)
    }

    var waitingCount: Int { waiting.count }
    var runningCount: Int { running.count }
    var isIdle: Bool { waiting.isEmpty && running.isEmpty }
    /// Tokens and blocks of each running sequence.
    var runningBlocks: [(tokens: [TokenID], blocks: [Int32])] { running.map { ($0.tokens, $0.blocks) } }
    /// All sequences, running ones first.
    var ids: [SequenceID] { running.map(\.id) + waiting.map(\.id) }

    /// Puts a sequence at the end of the queue.
    mutating func add(_ sequence: SequenceState) { waiting.append(sequence) }

    /// Removes a sequence and frees its blocks; false where there is none.
    mutating func remove(_ id: SequenceID) -> Bool {
        if let index = running.firstIndex(where: { $0.id == id }) {
            pool.giveBack(running.remove(at: index).blocks)
            return true
        }
        guard let index = waiting.firstIndex(where: { $0.id == id }) else { return false }
        waiting.remove(at: index)
        return true
    }

    /// Lets waiting sequences in, as far as blocks and places last; returns those let in, and how many tokens of each the cache
    /// held already.
    mutating func admit() -> [Admission] {
        var admitted: [Admission] = []
        while running.count < limits.maximumSequences, var next = waiting.first {
            guard next.takeBlocks(from: &pool) else { break }
            waiting.removeFirst()
            running.append(next)
            admitted.append(
                Admission(id: next.id, promptTokens: next.promptCount, cachedTokens: next.computedCount))
        }
        return admitted
    }

    /// The next step over the running sequences; empty where there are none.
    func schedule() -> Step {
        var step = Step()
        var budget = limits.maximumStepTokens
        func add(_ sequence: SequenceState) {
            let count = min(sequence.pendingCount, budget)
            guard count > 0 else { return }
            step.batch.slices.append(sequence.slice(count))
            step.ids.append(sequence.id)
            if !sequence.isDecoding { step.promptTokens += count }
            budget -= count
        }
        for sequence in running where sequence.isDecoding { add(sequence) }
        for sequence in running where !sequence.isDecoding { add(sequence) }
        return step
    }

    /// Takes in a finished step: `sampled` has an element for each slice that wanted logits, in their order; nil ends its
    /// sequence as failed.
    mutating func commit(_ step: Step, sampled: [TokenID?]) -> [Outcome] {
        var outcomes: [Outcome] = []
        var tokens = sampled.makeIterator()
        for (id, slice) in zip(step.ids, step.batch.slices) {
            let result = slice.wantsLogits ? tokens.next() : nil
            guard let index = running.firstIndex(where: { $0.id == id }) else { continue }
            running[index].computed(slice.tokens.count, filingIn: &pool)
            guard let result else { continue }
            let finished = result.map { running[index].append($0) } ?? .failed
            let isText = finished == nil || finished == .length
            outcomes.append(Outcome(id: id, token: isText ? result : nil, finished: finished))
            if finished != nil { pool.giveBack(running.remove(at: index).blocks) }
        }
        return outcomes
    }
}

import LaminaKernels
import LaminaModel
import Testing

@testable import LaminaEngine

extension SequenceState {
    /// A sequence with a prompt that depends on its kind: those of one kind begin alike.
    init(
        _ number: UInt64, prompt: Int, maximum: Int, kind: Int = 0, context: Int = 128,
        stop: Set<TokenID> = [0], terms: RequestTerms = RequestTerms()
    ) {
        self.init(
            id: SequenceID(number: number),
            request: GenerationRequest(
                prompt: (0..<prompt).map { TokenID(($0 + kind * 7) % 50 + 1) }, maximumTokens: maximum,
                sampling: .greedy, stopTokens: stop, terms: terms), contextLength: context)
    }
}

/// A scheduler with a model that is none: the next token is a function of all tokens before it, and the cache holds for each place a
/// number that stands for the tokens up to it. Whatever the scheduler does, a sequence must read its own numbers and generate what it
/// would generate alone.
struct ShadowModel {
    var scheduler: Scheduler
    var preemptions = 0
    var steps = 0
    /// Outputs of the sequences that have ended by themselves.
    private(set) var ended: [UInt64: [TokenID]] = [:]
    private(set) var live: [UInt64: Request] = [:]
    private var outputs: [UInt64: [TokenID]] = [:]
    private var cache: [[UInt64]]

    struct Request {
        let state: SequenceState
        let salt: String?
    }

    init(limits: EngineLimits, blockCount: Int) {
        scheduler = Scheduler(limits: limits, blockCount: blockCount)
        cache = Array(repeating: Array(repeating: 0, count: KVCache.blockSize), count: blockCount)
    }

    mutating func add(_ state: SequenceState, salt: String? = nil, deadline: ContinuousClock.Instant? = nil) {
        live[state.id.number] = Request(state: state, salt: salt)
        outputs[state.id.number] = []
        scheduler.add(state, deadline: deadline)
    }

    /// Notes that sequences were removed from outside.
    mutating func forget(_ ids: [SequenceID]) {
        for id in ids { live[id.number] = nil }
    }

    /// One step; checks that everybody reads what is theirs.
    mutating func step(_ allowance: StepPacer.Allowance = .unlimited, limits: EngineLimits) {
        _ = scheduler.admit()
        let step = scheduler.schedule(allowance)
        steps += 1
        preemptions += step.preemptions
        #expect(step.batch.tokenCount <= limits.maximumStepTokens)
        #expect(step.ids.count <= limits.maximumSequences)
        #expect(scheduler.isIdle || step.batch.tokenCount > 0, "a step must advance somebody")
        var sampled: [TokenID?] = []
        for (id, slice) in zip(step.ids, step.batch.slices) {
            guard let state = scheduler.running.first(where: { $0.id == id }) else { continue }
            let names = Self.names(state.tokens, salt: live[id.number]?.salt)
            for position in 0..<slice.startPosition {
                let found = cache[Int(slice.blockTable[position / 16])][position % 16]
                #expect(found == names[position], "sequence \(id.number) reads another's token at \(position)")
            }
            for position in slice.startPosition..<(slice.startPosition + slice.tokens.count) {
                let block = slice.blockTable[position / 16]
                let place = cache[Int(block)][position % 16]
                // Where others hold the block too, it may only be written with what it holds.
                #expect(scheduler.pool.holderCount(block) == 1 || place == names[position], "a shared block is written")
                cache[Int(block)][position % 16] = names[position]
            }
            if slice.wantsLogits { sampled.append(Self.next(state.tokens)) }
        }
        for outcome in scheduler.commit(step, sampled: sampled) {
            let number = outcome.id.number
            if let token = outcome.token { outputs[number, default: []].append(token) }
            guard outcome.finished != nil else { continue }
            #expect(live.removeValue(forKey: number) != nil)
            ended[number] = outputs.removeValue(forKey: number)
        }
    }

    /// Steps until nothing is left; says whether that took at most so many.
    mutating func drain(within limit: Int, limits: EngineLimits) -> Bool {
        let end = steps + limit
        while !scheduler.isIdle {
            guard steps < end else { return false }
            step(limits: limits)
        }
        return true
    }

    /// What a sequence generates alone.
    static func expected(_ state: SequenceState) -> [TokenID] {
        var tokens = state.tokens
        while tokens.count - state.promptCount < state.maximumTokens {
            let token = next(tokens)
            if state.stopTokens.contains(token) { break }
            tokens.append(token)
        }
        return Array(tokens[state.promptCount...])
    }

    private static func next(_ tokens: [TokenID]) -> TokenID {
        TokenID(truncatingIfNeeded: (names(tokens, salt: nil).last ?? 0) % 97)
    }

    /// A number for each position that stands for all tokens up to it.
    private static func names(_ tokens: [TokenID], salt: String?) -> [UInt64] {
        var name: UInt64 = (salt ?? "").utf8.reduce(1) { $0 &* 31 &+ UInt64($1) }
        return tokens.map { token in
            name = (name ^ UInt64(bitPattern: Int64(token))) &* 0x9E37_79B9_7F4A_7C15
            name ^= name >> 29
            return name
        }
    }

    /// Every block counts the sequences that hold it, and is free where none does.
    func checkBlocks(_ when: String) {
        var holders = [Int](repeating: 0, count: scheduler.pool.blockCount)
        for state in scheduler.running {
            #expect(Set(state.blocks).count == state.blocks.count, "a block twice in one table: \(when)")
            #expect(state.blocks.count * 16 >= state.computedCount, "computed tokens without a block: \(when)")
            for block in state.blocks { holders[Int(block)] += 1 }
        }
        for (block, count) in holders.enumerated() {
            #expect(scheduler.pool.holderCount(Int32(block)) == count, "block \(block): \(when)")
        }
        #expect(holders.count { $0 > 0 } + scheduler.pool.freeCount == holders.count, "a block is lost: \(when)")
        #expect(Set(scheduler.ids.map(\.number)) == Set(live.keys), "a sequence is lost: \(when)")
    }
}

import LaminaEngine

/// What is asked of the server: independent prompts, or agents whose conversations share their beginning.
struct Workload: Sendable {
    let source: PromptSource
    let inputTokens: TokenRange
    let outputTokens: TokenRange
    /// Tokens at the beginning that all conversations share.
    let prefixTokens: Int
    /// Requests of one conversation, each with all that was said before.
    let turns: Int
    let seed: UInt64

    /// Conversations that warm the server up are numbered from here, so that they share nothing with the others.
    static let firstWarmUp = 1 << 40
    /// As long as a conversation's own seed cannot be met by chance.
    private static let prefixStream: UInt64 = 0xA5A5_5A5A_0F0F_F0F0

    /// The conversation of that number.
    func conversation(_ index: Int) -> Conversation {
        let isWarmUp = index >= Self.firstWarmUp
        // The generator's own output makes the seeds: seed 1's second conversation would else be seed 2's first, and
        // neighbouring states would give the same numbers, one later.
        var test = SplitMix64(seed: seed)
        var root = SplitMix64(seed: test.next() &+ UInt64(index))
        let random = SplitMix64(seed: root.next())
        var prefixRandom = SplitMix64(seed: seed ^ Self.prefixStream ^ (isWarmUp ? root.next() : 0))
        let prefix =
            prefixTokens > 0 ? source.part(tokens: prefixTokens, isWhole: false, &prefixRandom) : nil
        return Conversation(workload: self, prefix: prefix, random: random)
    }
}

/// One user's requests, one after the other; each carries what was said before.
struct Conversation: Sendable {
    /// Who said a part.
    enum Role: String, Sendable {
        case system, user, assistant
    }

    /// What is to be sent next.
    struct Turn: Sendable {
        let parts: [(role: Role, part: PromptPart)]
        let outputTokens: Int
    }

    private let workload: Workload
    private var random: SplitMix64
    private var parts: [(role: Role, part: PromptPart)] = []
    /// Requests still to come.
    private(set) var turnsLeft: Int
    private var lastOutputTokens = 0

    init(workload: Workload, prefix: PromptPart?, random: SplitMix64) {
        self.workload = workload
        self.random = random
        turnsLeft = workload.turns
        if let prefix { parts.append((.system, prefix)) }
    }

    /// The next request, or nil when all has been said.
    ///
    /// - Parameter answer: the text the server gave last. Where prompts are token ids, whose answers come as text, as many random
    ///   ids stand for it.
    mutating func next(after answer: String?) -> Turn? {
        guard turnsLeft > 0 else { return nil }
        turnsLeft -= 1
        if let answer {
            switch workload.source.material {
            case .words: parts.append((.assistant, .words(answer)))
            case .tokens:
                parts.append((.assistant, workload.source.part(tokens: lastOutputTokens, isWhole: false, &random)))
            }
        }
        let tokens = workload.inputTokens.pick(&random)
        parts.append((.user, workload.source.part(tokens: tokens, isWhole: parts.isEmpty, &random)))
        lastOutputTokens = workload.outputTokens.pick(&random)
        return Turn(parts: parts, outputTokens: lastOutputTokens)
    }
}

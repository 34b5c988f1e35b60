import LaminaKernels
import LaminaModel

/// Names a sequence as long as the engine runs; numbered in the order of arrival.
package struct SequenceID: Hashable, Sendable {
    let number: UInt64
}

/// A sequence in the scheduler: its tokens, how many of them the cache holds, and where.
struct SequenceState {
    let id: SequenceID
    let promptCount: Int
    let maximumTokens: Int
    let stopTokens: Set<TokenID>
    let tenant: Tenant
    let priority: Int
    /// Prompt, then generated tokens.
    private(set) var tokens: [TokenID]
    /// Leading tokens whose keys and values are in the cache.
    private(set) var computedCount = 0
    /// Most leading tokens that ever were in the cache: up to here, computing is computing again.
    private(set) var everComputedCount = 0
    /// Blocks for the tokens so far; empty while it waits.
    private(set) var blocks: [Int32] = []
    /// Its claim on blocks, from its first admission on.
    var rank: Rank?
    /// Leading blocks whose contents are filed in the pool, and the name of what they hold.
    private var filedBlocks = 0
    private var filedPrefix: PrefixCache.Prefix
    private let beginning: PrefixCache.Prefix

    /// The order in which running sequences get blocks; the greatest gives its blocks back first.
    struct Rank: Comparable {
        /// Whether it was let in because it had waited longest.
        let isOverdue: Bool
        let priority: Int
        /// Counts first admissions, so that the rank stays when a sequence is preempted.
        let ordinal: UInt64

        static func < (a: Rank, b: Rank) -> Bool {
            if a.isOverdue != b.isOverdue { return a.isOverdue }
            return (a.isOverdue ? 0 : a.priority, a.ordinal) < (b.isOverdue ? 0 : b.priority, b.ordinal)
        }
    }

    init(id: SequenceID, request: GenerationRequest, contextLength: Int) {
        self.id = id
        promptCount = request.prompt.count
        maximumTokens = min(request.maximumTokens, contextLength - request.prompt.count)
        stopTokens = request.stopTokens
        tenant = request.terms.tenant
        priority = request.terms.priority
        tokens = request.prompt
        beginning = .beginning(salt: request.terms.cacheSalt)
        filedPrefix = beginning
    }

    var generatedCount: Int { tokens.count - promptCount }
    /// Tokens still to be computed before the next one can be sampled.
    var pendingCount: Int { tokens.count - computedCount }
    /// Whether only the last generated token is to be computed; otherwise a prompt, or what preemption took, is.
    var isDecoding: Bool { pendingCount == 1 && generatedCount > 0 }
    /// Whether the next token has no place in its blocks.
    var lacksBlock: Bool { blocks.count < blocksForTokens }

    private var blocksForTokens: Int { Self.blocks(tokens.count) }

    /// Blocks it can still come to need beyond those for its tokens so far, `limit` at most. The last token generated is
    /// never computed.
    func growth(limit: Int) -> Int {
        min(Self.blocks(promptCount + maximumTokens - 1) - blocksForTokens, limit)
    }

    private static func blocks(_ tokens: Int) -> Int { (tokens + KVCache.blockSize - 1) / KVCache.blockSize }

    /// The next `count` tokens to compute.
    func slice(_ count: Int) -> ForwardBatch.Slice {
        let end = computedCount + count
        return ForwardBatch.Slice(
            tokens: Array(tokens[computedCount..<end]), startPosition: computedCount, blockTable: blocks,
            wantsLogits: end == tokens.count)
    }

    /// Asks the pool for blocks for the tokens so far; false where there are too few, `spare` of which are not for it. Tokens that
    /// shared blocks hold need not be computed.
    mutating func takeBlocks(from pool: inout BlockPool, leaving spare: Int) -> Bool {
        let size = KVCache.blockSize
        guard
            let taken = pool.take(
                blocksForTokens, beginningWith: tokens, after: beginning, blockSize: size, leaving: spare)
        else { return false }
        (blocks, filedBlocks, filedPrefix) = taken
        computedCount = filedBlocks * size
        return true
    }

    /// Takes one further block; false where there is none.
    mutating func grow(from pool: inout BlockPool) -> Bool {
        guard let block = pool.takeOne() else { return false }
        blocks.append(block)
        return true
    }

    /// Gives all blocks back. What they hold has to be found again, or computed again.
    mutating func giveBack(to pool: inout BlockPool) {
        pool.giveBack(blocks)
        blocks = []
        (computedCount, filedBlocks, filedPrefix) = (0, 0, beginning)
    }

    /// Notes that the next `count` tokens are in the cache, and files the blocks they have filled.
    mutating func computed(_ count: Int, filingIn pool: inout BlockPool) {
        computedCount += count
        everComputedCount = max(everComputedCount, computedCount)
        let size = KVCache.blockSize
        while (filedBlocks + 1) * size <= computedCount {
            let filled = Array(tokens[(filedBlocks * size)..<((filedBlocks + 1) * size)])
            filedPrefix = pool.file(blocks[filedBlocks], filled, after: filedPrefix)
            filedBlocks += 1
        }
    }

    /// Takes in a sampled token; says whether the sequence ends with it.
    mutating func append(_ token: TokenID) -> FinishReason? {
        if stopTokens.contains(token) { return .stop }
        tokens.append(token)
        return generatedCount >= maximumTokens ? .length : nil
    }
}

import LaminaKernels
import LaminaModel

/// Names a sequence as long as the engine runs.
package struct SequenceID: Hashable, Sendable {
    let number: UInt64
}

/// A sequence in the scheduler: its tokens, how many of them the cache holds, and where.
struct SequenceState {
    let id: SequenceID
    let promptCount: Int
    let maximumTokens: Int
    let stopTokens: Set<TokenID>
    /// Prompt, then generated tokens.
    private(set) var tokens: [TokenID]
    /// Leading tokens whose keys and values are in the cache.
    private(set) var computedCount = 0
    /// Blocks for all tokens this sequence can come to have; empty while it waits.
    private(set) var blocks: [Int32] = []
    /// Leading blocks whose contents are filed in the pool, and the name of what they hold.
    private var filedBlocks = 0
    private var filedPrefix = PrefixCache.Prefix.empty

    init(id: SequenceID, request: GenerationRequest, contextLength: Int) {
        self.id = id
        promptCount = request.prompt.count
        maximumTokens = min(request.maximumTokens, contextLength - request.prompt.count)
        stopTokens = request.stopTokens
        tokens = request.prompt
    }

    var generatedCount: Int { tokens.count - promptCount }
    /// Tokens still to be computed before the next one can be sampled.
    var pendingCount: Int { tokens.count - computedCount }
    var isDecoding: Bool { generatedCount > 0 }

    /// Blocks that hold every token this sequence can come to have. The last token generated is never computed.
    var blocksNeeded: Int {
        (promptCount + maximumTokens - 1 + KVCache.blockSize - 1) / KVCache.blockSize
    }

    /// The next `count` tokens to compute.
    func slice(_ count: Int) -> ForwardBatch.Slice {
        let end = computedCount + count
        return ForwardBatch.Slice(
            tokens: Array(tokens[computedCount..<end]), startPosition: computedCount,
            blockTable: Array(blocks.prefix((end + KVCache.blockSize - 1) / KVCache.blockSize)),
            wantsLogits: end == tokens.count)
    }

    /// Asks the pool for blocks; false where there are too few. Tokens that shared blocks hold need not be computed.
    mutating func takeBlocks(from pool: inout BlockPool) -> Bool {
        let size = KVCache.blockSize
        guard let taken = pool.take(blocksNeeded, beginningWith: tokens, blockSize: size) else { return false }
        (blocks, filedBlocks, filedPrefix) = taken
        computedCount = filedBlocks * size
        return true
    }

    /// Notes that the next `count` tokens are in the cache, and files the blocks they have filled.
    mutating func computed(_ count: Int, filingIn pool: inout BlockPool) {
        computedCount += count
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

import DequeModule
import LaminaModel

/// The blocks of the KV cache: how many sequences hold each, and which may be taken. Blocks that nobody holds keep their contents
/// until they are needed, the longest unused first, and can be found again by them until then.
struct BlockPool {
    private struct FreeBlock {
        let block: Int32
        let releases: UInt32
    }

    /// Blocks in all.
    let blockCount: Int
    /// Blocks nobody holds.
    private(set) var freeCount: Int
    private var holders: [Int32]
    /// Blocks in the order of their release; an entry counts only while its block has been released that often.
    private var queue: Deque<FreeBlock>
    private var releases: [UInt32]
    private var prefixes = PrefixCache()

    init(blockCount: Int) {
        self.blockCount = blockCount
        freeCount = blockCount
        holders = [Int32](repeating: 0, count: blockCount)
        releases = [UInt32](repeating: 0, count: blockCount)
        queue = Deque((0..<Int32(blockCount)).map { FreeBlock(block: $0, releases: 0) })
    }

    /// Blocks for a sequence: those that hold its beginning already, then fresh ones, `count` in all; nil where there are fewer.
    ///
    /// - Parameters:
    ///   - tokens: what the sequence begins with. Only whole blocks of it are looked for, and never all of it: the last token
    ///     has to be computed for its logits.
    ///   - beginning: whose contents may be shared.
    ///   - spare: blocks that must be free afterwards.
    /// - Returns: the blocks, and the name of what the shared ones hold.
    mutating func take(
        _ count: Int, beginningWith tokens: [TokenID], after beginning: PrefixCache.Prefix, blockSize: Int,
        leaving spare: Int
    ) -> (blocks: [Int32], shared: Int, prefix: PrefixCache.Prefix)? {
        var shared: [PrefixCache.Match] = []
        while (shared.count + 1) * blockSize < tokens.count {
            let block = Array(tokens[(shared.count * blockSize)..<((shared.count + 1) * blockSize)])
            guard let match = prefixes.find(block, after: shared.last?.prefix ?? beginning) else { break }
            shared.append(match)
        }
        let sharedFree = shared.reduce(0) { $0 + (holders[Int($1.block)] == 0 ? 1 : 0) }
        guard count - shared.count + spare <= freeCount - sharedFree else { return nil }
        for match in shared { hold(match.block) }
        let fresh = (shared.count..<max(count, shared.count)).compactMap { _ in takeOne() }
        return (shared.map(\.block) + fresh, shared.count, shared.last?.prefix ?? beginning)
    }

    /// The longest unused free block, whose contents are forgotten; nil where none is free.
    mutating func takeOne() -> Int32? {
        while let free = queue.popFirst() {
            guard isCurrent(free) else { continue }
            prefixes.forget(free.block)
            hold(free.block)
            return free.block
        }
        return nil
    }

    /// Notes what a full block holds, so that other sequences find it; returns the name of the contents.
    mutating func file(
        _ block: Int32, _ tokens: [TokenID], after prefix: PrefixCache.Prefix
    ) -> PrefixCache.Prefix {
        prefixes.file(block, tokens, after: prefix)
    }

    /// Lets go of a sequence's blocks. The beginning of a sequence outlives its end, which fewer others share.
    mutating func giveBack(_ blocks: [Int32]) {
        for block in blocks.reversed() {
            let index = Int(block)
            assert(holders[index] > 0, "a block was given back twice")
            holders[index] -= 1
            guard holders[index] == 0 else { continue }
            releases[index] &+= 1
            queue.append(FreeBlock(block: block, releases: releases[index]))
            freeCount += 1
        }
        // Blocks that were found again have left entries behind that no longer count.
        if queue.count > 2 * blockCount { queue = queue.filter { isCurrent($0) } }
    }

    /// Entries of the queue, those that no longer count included.
    var queueLength: Int { queue.count }

    /// Sequences that hold a block.
    func holderCount(_ block: Int32) -> Int { Int(holders[Int(block)]) }

    private mutating func hold(_ block: Int32) {
        if holders[Int(block)] == 0 {
            freeCount -= 1
            // Its entry in the queue, if it comes up, no longer counts.
            releases[Int(block)] &+= 1
        }
        holders[Int(block)] += 1
    }

    private func isCurrent(_ free: FreeBlock) -> Bool {
        releases[Int(free.block)] == free.releases && holders[Int(free.block)] == 0
    }
}

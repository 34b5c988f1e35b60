/// The blocks of the KV cache that no sequence holds.
struct BlockPool {
    /// Blocks in all.
    let blockCount: Int
    private var free: [Int32]

    init(blockCount: Int) {
        self.blockCount = blockCount
        free = (0..<Int32(blockCount)).reversed()
    }

    /// Blocks to be had.
    var freeCount: Int { free.count }

    /// Takes `count` blocks, or none where there are fewer.
    mutating func take(_ count: Int) -> [Int32]? {
        guard count <= free.count else { return nil }
        let taken = Array(free.suffix(count).reversed())
        free.removeLast(count)
        return taken
    }

    /// Gives back blocks that were taken.
    mutating func giveBack(_ blocks: [Int32]) {
        free.append(contentsOf: blocks.reversed())
        assert(free.count <= blockCount, "a block was given back twice")
    }
}

import LaminaModel
import Testing

@testable import LaminaEngine

struct BlockPoolTests {
    private func tokens(_ count: Int, from start: Int = 0) -> [TokenID] { (0..<count).map { TokenID(start + $0) } }

    /// Takes blocks for `tokens` and files all full ones, as if they had been computed.
    private func run(
        _ pool: inout BlockPool, _ tokens: [TokenID], blocks count: Int, salt: String? = nil
    ) -> (blocks: [Int32], shared: Int)? {
        let beginning = PrefixCache.Prefix.beginning(salt: salt)
        guard let taken = pool.take(count, beginningWith: tokens, after: beginning, blockSize: 4, leaving: 0) else {
            return nil
        }
        var prefix = taken.prefix
        for index in taken.shared..<(tokens.count / 4) {
            prefix = pool.file(taken.blocks[index], Array(tokens[(4 * index)..<(4 * index + 4)]), after: prefix)
        }
        return (taken.blocks, taken.shared)
    }

    @Test func `Gives all or nothing`() throws {
        var pool = BlockPool(blockCount: 4)
        let three = try #require(run(&pool, [9], blocks: 3))
        #expect(run(&pool, [9], blocks: 2) == nil)
        #expect(pool.freeCount == 1)
        pool.giveBack(three.blocks)
        #expect(Set(try #require(run(&pool, [9], blocks: 4)).blocks) == [0, 1, 2, 3])
    }

    @Test func `Shares whole blocks of a common beginning, and never the last token`() throws {
        var pool = BlockPool(blockCount: 20)
        let first = try #require(run(&pool, tokens(12), blocks: 4))
        // The same twelve tokens: the last has to be computed, so only two blocks are of use.
        let same = try #require(run(&pool, tokens(12), blocks: 4))
        #expect(same.shared == 2 && Array(same.blocks.prefix(2)) == Array(first.blocks.prefix(2)))
        let longer = try #require(run(&pool, tokens(13), blocks: 4))
        #expect(longer.shared == 3)
        let other = try #require(run(&pool, tokens(4) + tokens(8, from: 50), blocks: 4))
        #expect(other.shared == 1)
        // The same tokens after another beginning are other contents.
        #expect(try #require(run(&pool, tokens(4, from: 4) + [1], blocks: 2)).shared == 0)
    }

    @Test func `Contents outlive their sequence until the memory is needed, its beginning longest`() throws {
        var pool = BlockPool(blockCount: 4)
        pool.giveBack(try #require(run(&pool, tokens(12), blocks: 3)).blocks)
        #expect(pool.freeCount == 4)
        let again = try #require(run(&pool, tokens(13), blocks: 4))
        #expect(again.shared == 3)
        pool.giveBack(again.blocks)
        // Two fresh blocks displace the end of the sequence, not its beginning.
        pool.giveBack(try #require(run(&pool, [77], blocks: 2)).blocks)
        #expect(try #require(run(&pool, tokens(13), blocks: 4)).shared == 2)
    }

    @Test func `Holding what is free leaves less for others`() throws {
        var pool = BlockPool(blockCount: 4)
        pool.giveBack(try #require(run(&pool, tokens(8), blocks: 3)).blocks)
        // Two shared blocks and two fresh ones are all there is.
        let all = try #require(run(&pool, tokens(9), blocks: 4))
        #expect(all.shared == 2 && pool.freeCount == 0)
        #expect(run(&pool, tokens(9), blocks: 3) == nil)
        pool.giveBack(all.blocks)
        #expect(pool.freeCount == 4)
    }

    @Test func `Thousands of requests with the same beginning leave no trail`() throws {
        var pool = BlockPool(blockCount: 8)
        for _ in 0..<5000 {
            let taken = try #require(run(&pool, tokens(21), blocks: 6))
            pool.giveBack(taken.blocks)
        }
        #expect(pool.freeCount == 8 && pool.queueLength <= 16)
    }

    @Test func `Other salts do not find what was filed`() throws {
        var pool = BlockPool(blockCount: 20)
        for salt in [nil, "a", "b"] {
            #expect(try #require(run(&pool, tokens(9), blocks: 3, salt: salt)).shared == 0)
        }
        for salt in [nil, "a", "b"] {
            #expect(try #require(run(&pool, tokens(9), blocks: 3, salt: salt)).shared == 2)
        }
    }

    @Test func `Leaves the blocks that are to spare`() throws {
        var pool = BlockPool(blockCount: 4)
        let beginning = PrefixCache.Prefix.beginning(salt: nil)
        let taken = [2, 1].map { pool.take(3, beginningWith: [9], after: beginning, blockSize: 4, leaving: $0) }
        #expect(taken[0] == nil && taken[1] != nil)
        let last = [pool.takeOne(), pool.takeOne()]
        #expect(last[0] != nil && last[1] == nil)
    }
}

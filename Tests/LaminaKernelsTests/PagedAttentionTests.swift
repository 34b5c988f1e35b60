import Testing

@testable import LaminaKernels

struct PagedAttentionTests {
    @Test(arguments: [8, 16, 24, 64, 80, 128], [1, 2, 3, 4, 5, 8])
    func `Agrees with plain softmax attention over odd lengths and scattered blocks`(
        headDimension: Int, groupSize: Int
    ) throws {
        var random = SeededGenerator(state: UInt64(headDimension * 100 + groupSize))
        let kvHeads = 2
        let cache = try KVCache(layers: 2, blockCount: 9, heads: kvHeads, headDimension: headDimension)
        let table: [Int32] = [7, 0, 3, 8, 1]
        let width = kvHeads * headDimension
        // Half-precision values, so that the reference sees what the cache holds.
        let keys = (0..<70).map { _ in random.floats(width).map { Float(Float16($0)) } }
        let values = (0..<70).map { _ in random.floats(width).map { Float(Float16($0)) } }
        for token in keys.indices {
            cache.store(
                layer: 1, block: table[token / 16], slot: token % 16, keys: keys[token], values: values[token])
        }
        for length in [1, 2, 15, 16, 17, 33, 70] {
            for head in 0..<kvHeads {
                let query = random.floats(groupSize * headDimension)
                var output = [Float](repeating: .nan, count: groupSize * headDimension)
                PagedAttention.run(
                    query: query, groupSize: groupSize, cache: cache, layer: 1, head: head, table: table,
                    length: length, output: &output)
                let columns = (head * headDimension)..<((head + 1) * headDimension)
                let expected = (0..<groupSize).flatMap { i in
                    ScalarReference.attention(
                        query: Array(query[(i * headDimension)..<((i + 1) * headDimension)]),
                        keys: keys[0..<length].map { Array($0[columns]) },
                        values: values[0..<length].map { Array($0[columns]) })
                }
                #expect(relativeError(output, expected) < 1e-5, "length \(length), head \(head)")
            }
        }
    }

    @Test func `Large scores do not overflow`() throws {
        let cache = try KVCache(layers: 1, blockCount: 2, heads: 1, headDimension: 8)
        for token in 0..<20 {
            let key = [Float](repeating: token == 18 ? 60_000 : -60_000, count: 8)
            cache.store(
                layer: 0, block: Int32(token / 16), slot: token % 16, keys: key,
                values: [Float](repeating: Float(token), count: 8))
        }
        var output = [Float](repeating: 0, count: 8)
        PagedAttention.run(
            query: [Float](repeating: 1000, count: 8), groupSize: 1, cache: cache, layer: 0, head: 0, table: [0, 1],
            length: 20, output: &output)
        #expect(output == [Float](repeating: 18, count: 8))
    }
}

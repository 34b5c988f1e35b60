import Benchmark
import LaminaKernels

/// Attention of one layer of the 1B shape on one thread: 32 query heads over 8 KV heads of 64 dimensions.
private struct AttentionCase {
    static let (headDimension, queryHeads, kvHeads) = (64, 32, 8)

    let queries: FloatRows
    let output: Activations
    let cache: KVCache
    let batch: PagedBatch
    let pool: WorkerPool

    /// `newTokens` queries that end a sequence of `context` tokens.
    init(context: Int, newTokens: Int) throws {
        let blockCount = context / KVCache.blockSize
        pool = try WorkerPool(threadCount: 1)
        cache = try KVCache(
            layers: 1, blockCount: blockCount, heads: Self.kvHeads, headDimension: Self.headDimension)
        let width = Self.queryHeads * Self.headDimension
        queries = try FloatRows(capacity: newTokens, columns: width)
        output = try Activations(capacity: newTokens, columns: width)
        for index in 0..<newTokens {
            queries.setRow(index, to: (0..<width).map { _ in Float.random(in: -0.1...0.1) })
        }
        var batch = PagedBatch()
        batch.append(positions: (context - newTokens)..<context, table: (0..<Int32(blockCount)).map { $0 })
        self.batch = batch
    }

    func run() {
        PagedAttention.run(
            queries: queries, batch: batch, layer: 0, cache: cache, into: output, isQuantized: false, pool: pool)
    }
}

/// One token of a decode, and a chunk of a prompt, over short and long contexts.
func registerAttention() {
    for (context, newTokens) in [(128, 1), (1024, 1), (8192, 1), (512, 128), (4096, 128)] {
        Benchmark("attention \(newTokens) tokens over \(context), 1 thread") { _, state in
            state.run()
        } setup: {
            try AttentionCase(context: context, newTokens: newTokens)
        }
    }
}

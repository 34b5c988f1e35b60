import Benchmark
import LaminaKernels

/// Attention of one layer of the 1B shape on one thread: 32 query heads over 8 KV heads of 64 dimensions.
private struct AttentionCase {
    static let (headDimension, queryHeads, kvHeads) = (64, 32, 8)

    let queries: FloatRows
    let output: Activations
    let attention: PagedAttention
    let batch: PagedBatch
    let plan: AttentionPlan

    /// `newTokens` queries that end a sequence of `context` tokens.
    init(_ type: KVCacheType, context: Int, newTokens: Int) throws {
        let blockCount = context / KVCache.blockSize
        let pool = try WorkerPool(threadCount: 1)
        let cache = try KVCache(
            type: type, layers: 1, blockCount: blockCount, heads: Self.kvHeads, headDimension: Self.headDimension)
        attention = try PagedAttention(
            cache: cache, headCount: Self.queryHeads, contextLength: context, pool: pool)
        let width = Self.queryHeads * Self.headDimension
        queries = try FloatRows(capacity: newTokens, columns: width)
        output = try Activations(capacity: newTokens, columns: width)
        for index in 0..<newTokens {
            queries.setRow(index, to: (0..<width).map { _ in Float.random(in: -0.1...0.1) })
        }
        var batch = PagedBatch()
        batch.append(positions: (context - newTokens)..<context, table: (0..<Int32(blockCount)).map { $0 })
        self.batch = batch
        plan = attention.plan(batch)
    }

    func run() {
        attention.run(queries: queries, batch: batch, plan: plan, layer: 0, into: output, isQuantized: false)
    }
}

/// One token of a decode, and a chunk of a prompt, over short and long contexts.
func registerAttention() {
    for type in KVCacheType.allCases {
        for (context, newTokens) in [(128, 1), (1024, 1), (8192, 1), (512, 128), (4096, 128)] {
            Benchmark("attention \(type.rawValue) \(newTokens) tokens over \(context), 1 thread") { _, state in
                state.run()
            } setup: {
                try AttentionCase(type, context: context, newTokens: newTokens)
            }
        }
    }
}

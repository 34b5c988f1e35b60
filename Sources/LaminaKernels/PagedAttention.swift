// Attention of all tokens of a step over their sequences' blocks.
internal import CSimd

/// Decode and prefill attention over paged keys and values, with the memory it needs beside them.
package final class PagedAttention {
    private let cache: KVCache
    private let groupSize: Int
    private let pool: WorkerPool
    /// States of spans that are computed side by side.
    private let partials: FloatRows

    /// - Parameters:
    ///   - headCount: query heads; a multiple of the cache's KV heads.
    ///   - contextLength: tokens of the longest sequence.
    /// - Throws: `KernelError.outOfMemory`.
    package init(
        cache: KVCache, headCount: Int, contextLength: Int, pool: WorkerPool
    ) throws(KernelError) {
        self.cache = cache
        groupSize = headCount / cache.heads
        self.pool = pool
        partials = try FloatRows(
            capacity: AttentionPlan.maximumSpans(contextLength: contextLength, threadCount: pool.threadCount),
            columns: AttentionState.floats(rows: groupSize, dimension: cache.headDimension))
    }

    /// Bytes allocated beside the cache.
    package static func scratchBytes(
        headCount: Int, kvHeadCount: Int, headDimension: Int, contextLength: Int, threadCount: Int
    ) -> Int {
        4 * AttentionPlan.maximumSpans(contextLength: contextLength, threadCount: threadCount)
            * AttentionState.floats(rows: headCount / kvHeadCount, dimension: headDimension)
    }

    /// Divides a step's tokens into tasks, for all its layers.
    package func plan(_ batch: PagedBatch) -> AttentionPlan {
        AttentionPlan(batch, groupSize: groupSize, heads: cache.heads, threadCount: pool.threadCount)
    }

    /// Attention of every token of the batch over its sequence up to itself.
    ///
    /// - Parameters:
    ///   - queries: [tokens, heads · headDimension], rotated and scaled by 1/√headDimension.
    ///   - output: [tokens, heads · headDimension]
    package func run(
        queries: FloatRows, batch: PagedBatch, plan: AttentionPlan, layer: Int, into output: Activations,
        isQuantized: Bool
    ) {
        let step = Step(queries: queries, output: output.values, batch: batch, plan: plan, layer: layer)
        switch cache.type {
        case .f16: run(step, HalfAttention.self)
        case .q8_0: run(step, Int8Attention.self)
        }
        guard isQuantized else { return }
        output.fill(rowCount: batch.count, isQuantized: true, pool: pool) { _, _ in }
    }

    private struct Step {
        let queries: FloatRows
        let output: FloatRows
        let batch: PagedBatch
        let plan: AttentionPlan
        let layer: Int
    }

    @inline(always)
    private func run<Format: AttentionFormat>(_ step: Step, _: Format.Type) {
        let tiles = step.plan.tiles
        guard step.plan.isSplit else {
            // The longest contexts first: what is left at the end is short.
            pool.run(count: tiles.count &* cache.heads) { tasks in
                for task in tasks {
                    let (tile, head) = (tiles.count &- 1 &- task / cache.heads, task % cache.heads)
                    wholeTile(step, tiles[tile], head, Format.self)
                }
            }
            return
        }
        let spans = step.plan.spans
        pool.run(count: spans.count &* cache.heads) { tasks in
            for task in tasks {
                let (span, head) = (task / cache.heads, task % cache.heads)
                let tile = tiles[spans[span]]
                withRows(step, tile, head, Format.self) { rows, _ in
                    rows.run(tile.span(span &- tile.firstSpan), into: partial(span, head))
                }
            }
        }
        for tile in tiles {
            for head in 0..<cache.heads {
                let state = partial(tile.firstSpan, head)
                for span in 1..<max(1, tile.spanCount) {
                    state.merge(
                        partial(tile.firstSpan &+ span, head), rows: 0..<groupSize, dimension: cache.headDimension)
                }
                finish(step, tile, head, state)
            }
        }
    }

    private func partial(_ span: Int, _ head: Int) -> AttentionState {
        AttentionState(partials.row(span &* cache.heads &+ head), rows: groupSize)
    }

    /// All spans of a tile, one after the other.
    @inline(always)
    private func wholeTile<Format: AttentionFormat>(
        _ step: Step, _ tile: AttentionPlan.Tile, _ head: Int, _: Format.Type
    ) {
        withRows(step, tile, head, Format.self) { rows, memory in
            let state = AttentionState(memory, rows: rows.rows)
            let later = AttentionState(
                memory + AttentionState.floats(rows: rows.rows, dimension: cache.headDimension), rows: rows.rows)
            rows.run(tile.span(0), into: state)
            for index in 1..<max(1, tile.spanCount) {
                let span = tile.span(index)
                rows.run(span, into: later)
                state.merge(
                    later, rows: rows.firstRow(attendingTo: span.lowerBound)..<rows.rows,
                    dimension: cache.headDimension)
            }
            finish(step, tile, head, state)
        }
    }

    private func finish(_ step: Step, _ tile: AttentionPlan.Tile, _ head: Int, _ state: AttentionState) {
        let dimension = cache.headDimension
        for row in 0..<(tile.count &* groupSize) {
            let target = step.output.row(tile.row &+ row / groupSize)
            state.finish(
                row: row, dimension: dimension,
                into: target + (head &* groupSize &+ row % groupSize) &* dimension)
        }
    }

    /// Gathers a tile's query rows and calls `body` with them, and with memory for two states.
    @inline(always)
    private func withRows<Format: AttentionFormat>(
        _ step: Step, _ tile: AttentionPlan.Tile, _ head: Int, _: Format.Type,
        _ body: (AttentionTile<Format>, UnsafeMutablePointer<Float>) -> Void
    ) {
        let dimension = cache.headDimension
        let rows = tile.count &* groupSize
        let floats = rows &* dimension
        let groups = (dimension &+ 31) / 32
        let stateFloats = AttentionState.floats(rows: rows, dimension: dimension)
        withUnsafeTemporaryAllocation(
            byteCount: 4 &* (floats &+ rows &* groups &+ 2 &* stateFloats) &+ floats, alignment: 64
        ) { bytes in
            guard let base = bytes.baseAddress else { return }
            let memory = base.assumingMemoryBound(to: Float.self)
            let prepared = QueryRows(
                values: memory,
                quantized: (base + 4 &* (floats &+ rows &* groups &+ 2 &* stateFloats)).assumingMemoryBound(
                    to: Int8.self),
                scales: memory + floats, dimension: dimension)
            for token in 0..<tile.count {
                let from = step.queries.row(tile.row &+ token) + head &* groupSize &* dimension
                (memory + token &* groupSize &* dimension).update(from: from, count: groupSize &* dimension)
            }
            Format.prepare(prepared, count: rows)
            step.batch.withToken(tile.row) { position, blocks in
                body(
                    AttentionTile(
                        cache: cache, layer: step.layer, head: head, table: blocks, queries: prepared,
                        groupSize: groupSize, rows: rows, firstLength: position &+ 1),
                    memory + (floats &+ rows &* groups))
            }
        }
    }
}

// Attention of a tile of query rows over one KV head: every block of keys and values is read once for all rows.
//
// Online softmax (Milakov and Gimelshein 2018) over spans of the context, whose results are merged in order (FlashDecoding, Dao
// et al. 2023). Where a span ends depends on nothing but the row's own length, so a row's result is the same bits in any
// tile, and whether its spans were computed one after the other or side by side.
internal import CSimd

/// Running maximum, sum and output of the rows of a tile over one span.
struct AttentionState {
    /// [rows]: largest score so far.
    let maxima: UnsafeMutablePointer<Float>
    /// [rows]: Σ exp(score - maximum).
    let totals: UnsafeMutablePointer<Float>
    /// [rows, dimension]: Σ exp(score - maximum) · value.
    let output: UnsafeMutablePointer<Float>

    /// Floats of a state.
    static func floats(rows: Int, dimension: Int) -> Int { rows &* (dimension &+ 2) }

    /// A state in memory of `floats(rows:dimension:)` floats.
    @inline(always)
    init(_ memory: UnsafeMutablePointer<Float>, rows: Int) {
        maxima = memory
        totals = memory + rows
        output = memory + 2 &* rows
    }

    /// Takes in the rows from `first` of a later span.
    func merge(_ later: AttentionState, rows: Range<Int>, dimension: Int) {
        for row in rows {
            let maximum = max(maxima[row], later.maxima[row])
            let (mine, its) = (
                VectorMath.exp(simd_splat(maxima[row] - maximum)),
                VectorMath.exp(simd_splat(later.maxima[row] - maximum))
            )
            maxima[row] = maximum
            totals[row] = totals[row] * mine[0] + later.totals[row] * its[0]
            var d = row &* dimension
            let end = d &+ dimension
            while d < end {
                simd_store(output + d, simd_fma(simd_load(later.output + d), its, simd_load(output + d) * mine))
                d &+= 8
            }
        }
    }

    /// Writes output / total of a row.
    func finish(row: Int, dimension: Int, into target: UnsafeMutablePointer<Float>) {
        let scale = simd_splat(1 / totals[row])
        var d = 0
        while d < dimension {
            simd_store(target + d, simd_load(output + (row &* dimension &+ d)) * scale)
            d &+= 8
        }
    }
}

/// Query rows of consecutive tokens, `groupSize` each, against the KV head they share.
struct AttentionTile<Format: AttentionFormat> {
    let cache: KVCache
    let layer: Int
    let head: Int
    /// Block of tokens 16i..<16i+16.
    let table: UnsafePointer<Int32>
    let queries: QueryRows
    /// Query heads per token.
    let groupSize: Int
    /// Rows: tokens times `groupSize`.
    let rows: Int
    /// Tokens the first token's rows attend to; each further token attends to one more.
    let firstLength: Int

    // A finite "minus infinity": differences of two of them stay numbers.
    @inline(always) private static var masked: Float { -1e30 }

    /// Tokens attended to by a row.
    @inline(always)
    private func length(row: Int) -> Int { firstLength &+ row / groupSize }

    /// First row that attends to token `start`.
    @inline(always)
    func firstRow(attendingTo start: Int) -> Int { start < firstLength ? 0 : (start &- firstLength &+ 1) &* groupSize }

    /// Computes the tokens of `span`, which begins at a block's start, for the rows that attend to them.
    func run(_ span: Range<Int>, into state: AttentionState) {
        let first = firstRow(attendingTo: span.lowerBound)
        for row in first..<rows {
            state.maxima[row] = Self.masked
            state.totals[row] = 0
        }
        (state.output + first &* queries.dimension).update(
            repeating: 0, count: (rows &- first) &* queries.dimension)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 * 4) { scratch in
            guard let weights = scratch.baseAddress else { return }
            var start = span.lowerBound
            while start < span.upperBound {
                let keys = keys(of: start)
                // The first rows fetch the next block: it lies anywhere, so the processor cannot guess it.
                var ahead: UnsafeRawPointer? = start &+ 16 < span.upperBound ? self.keys(of: start &+ 16) : nil
                var row = firstRow(attendingTo: start)
                while row &+ 4 <= rows {
                    block(of: 4, keys, ahead, start, row, state, weights, InlineArray<4, Float>(repeating: 1))
                    row &+= 4
                    ahead = nil
                }
                switch rows &- row {
                case 3: block(of: 3, keys, ahead, start, row, state, weights, InlineArray<3, Float>(repeating: 1))
                case 2: block(of: 2, keys, ahead, start, row, state, weights, InlineArray<2, Float>(repeating: 1))
                case 1: block(of: 1, keys, ahead, start, row, state, weights, InlineArray<1, Float>(repeating: 1))
                default: break
                }
                start &+= 16
            }
        }
    }

    /// Keys of the block that begins with token `start`; its values follow.
    @inline(always)
    private func keys(of start: Int) -> UnsafeRawPointer {
        UnsafeRawPointer(cache.head(layer: layer, block: table[start / 16], head: head))
    }

    /// One block of 16 tokens from `start` for `count` rows from `row`, fetching the block at `ahead`; `weights` is scratch
    /// memory [count][16].
    @inline(always)
    private func block<let count: Int>(
        of _: Int, _ keys: UnsafeRawPointer, _ ahead: UnsafeRawPointer?, _ start: Int, _ row: Int,
        _ state: AttentionState, _ weights: UnsafeMutablePointer<Float>, _ unchanged: InlineArray<count, Float>
    ) {
        let scores: (low: InlineArray<count, SIMD8<Float>>, high: InlineArray<count, SIMD8<Float>>) = Format.scores(
            queries, row: row, keys: keys, ahead: ahead)
        var corrections = unchanged
        for i in 0..<count {
            let valid = min(16, length(row: row &+ i) &- start)
            corrections[i] = softmax(scores.low[i], scores.high[i], valid, row &+ i, state, weights + 16 &* i)
        }
        // The last row attends to the most tokens; the others' weights beyond their own are zero.
        Format.accumulate(
            keys + cache.valueOffset, valid: min(16, length(row: row &+ count &- 1) &- start),
            ahead: ahead.map { $0 + cache.valueOffset }, weights: weights,
            corrections: corrections, output: state.output + row &* queries.dimension, dimension: queries.dimension)
    }

    /// Weights of 16 tokens against the row's new maximum; returns what its earlier sums have to be scaled by.
    @inline(always)
    private func softmax(
        _ lowScores: SIMD8<Float>, _ highScores: SIMD8<Float>, _ valid: Int, _ row: Int, _ state: AttentionState,
        _ weights: UnsafeMutablePointer<Float>
    ) -> Float {
        var (low, high) = (lowScores, highScores)
        let lanes = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
        let bound = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: valid))
        if valid < 16 {
            low.replace(with: simd_splat(Self.masked), where: lanes .>= bound)
            high.replace(with: simd_splat(Self.masked), where: (lanes &+ 8) .>= bound)
        }
        let earlier = state.maxima[row]
        let maximum = max(earlier, simd_maximum(simd_max(low, high)))
        let correction = maximum == earlier ? 1 : VectorMath.exp(simd_splat(earlier - maximum))[0]
        var p0 = VectorMath.exp(low - simd_splat(maximum))
        var p1 = VectorMath.exp(high - simd_splat(maximum))
        if valid < 16 {
            p0.replace(with: simd_splat(0), where: lanes .>= bound)
            p1.replace(with: simd_splat(0), where: (lanes &+ 8) .>= bound)
        }
        state.maxima[row] = maximum
        state.totals[row] = state.totals[row] * correction + simd_sum(p0 + p1)
        simd_store(weights, p0)
        simd_store(weights + 8, p1)
        return correction
    }
}

// Attention of one query token over a block table: one pass with an online softmax (Milakov and Gimelshein 2018), the
// query heads that share a KV head together, so that a block is loaded once for all of them.
internal import CSimd

/// Decode and prefill attention over paged keys and values in half precision.
package enum PagedAttention {
    /// Output of the query heads of one KV head, for one token.
    ///
    /// - Parameters:
    ///   - query: [groupSize, headDimension], rotated and scaled by 1/√headDimension.
    ///   - table: block of tokens 16i..<16i+16.
    ///   - length: tokens attended to, at least 1: the query's position + 1.
    ///   - output: [groupSize, headDimension]
    static func run(
        query: UnsafePointer<Float>, groupSize: Int, cache: KVCache, layer: Int, head: Int,
        table: UnsafePointer<Int32>, length: Int, output: UnsafeMutablePointer<Float>
    ) {
        let dimension = cache.headDimension
        var first = 0
        while first < groupSize {
            let (q, o) = (query + first &* dimension, output + first &* dimension)
            switch groupSize &- first {
            case 1: AttentionTile<1>.run(q, cache, layer, head, table, length, o)
            case 2: AttentionTile<2>.run(q, cache, layer, head, table, length, o)
            case 3: AttentionTile<3>.run(q, cache, layer, head, table, length, o)
            default: AttentionTile<4>.run(q, cache, layer, head, table, length, o)
            }
            first &+= 4
        }
    }
}

/// `count` query heads against one KV head.
enum AttentionTile<let count: Int> {
    private typealias Sums = InlineArray<count, SIMD8<Float>>
    private typealias Scalars = InlineArray<count, Float>

    // A finite "minus infinity": differences of two of them stay numbers.
    @inline(always) private static var masked: Float { -1e30 }

    @inline(always)
    static func run(
        _ query: UnsafePointer<Float>, _ cache: KVCache, _ layer: Int, _ head: Int, _ table: UnsafePointer<Int32>,
        _ length: Int, _ output: UnsafeMutablePointer<Float>
    ) {
        let dimension = cache.headDimension
        for i in 0..<(count &* dimension) { output[i] = 0 }
        var largest = Scalars(repeating: masked)  // running maximum of each head's scores
        var total = Scalars(repeating: 0)  // running Σ exp(score - largest)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: 16 &* count) { scratch in
            guard let weights = scratch.baseAddress else { return }  // [count][16]
            var block = 0
            var token = 0
            while token < length {
                let keys = UnsafeRawPointer(cache.head(layer: layer, block: table[block], head: head))
                let valid = min(16, length &- token)
                let corrections = score(query, keys, dimension, valid, &largest, &total, weights)
                accumulate(keys + cache.valueOffset, dimension, valid, weights, corrections, output)
                block &+= 1
                token &+= 16
            }
        }
        for i in 0..<count {
            let scale = 1 / total[i]
            for d in 0..<dimension { output[i &* dimension &+ d] *= scale }
        }
    }

    /// Softmax weights of one block's tokens against the new maximum; returns what earlier sums have to be scaled by.
    @inline(always)
    private static func score(
        _ query: UnsafePointer<Float>, _ keys: UnsafeRawPointer, _ dimension: Int, _ valid: Int,
        _ largest: inout Scalars, _ total: inout Scalars, _ weights: UnsafeMutablePointer<Float>
    ) -> Scalars {
        var low = Sums(repeating: simd_splat(0))  // tokens 0..<8
        var high = Sums(repeating: simd_splat(0))  // tokens 8..<16
        for d in 0..<dimension {
            let (k0, k1) = (simd_load_f16(keys + 32 &* d), simd_load_f16(keys + (32 &* d &+ 16)))
            for i in 0..<count {
                let q = simd_splat(query[i &* dimension &+ d])
                low[i] = simd_fma(k0, q, low[i])
                high[i] = simd_fma(k1, q, high[i])
            }
        }
        if valid < 16 {
            let lanes = SIMD8<Int32>(0, 1, 2, 3, 4, 5, 6, 7)
            let bound = SIMD8<Int32>(repeating: Int32(truncatingIfNeeded: valid))
            for i in 0..<count {
                low[i].replace(with: simd_splat(masked), where: lanes .>= bound)
                high[i].replace(with: simd_splat(masked), where: (lanes &+ 8) .>= bound)
            }
        }
        var corrections = Scalars(repeating: 1)
        for i in 0..<count {
            let maximum = max(largest[i], simd_maximum(simd_max(low[i], high[i])))
            if maximum != largest[i] { corrections[i] = VectorMath.exp(simd_splat(largest[i] - maximum))[0] }
            largest[i] = maximum
            let (p0, p1) = (
                VectorMath.exp(low[i] - simd_splat(maximum)), VectorMath.exp(high[i] - simd_splat(maximum))
            )
            total[i] = total[i] * corrections[i] + simd_sum(p0 + p1)
            simd_store(weights + 16 &* i, p0)
            simd_store(weights + (16 &* i &+ 8), p1)
        }
        return corrections
    }

    /// output = output · correction + Σ weight · value, sixteen dimensions at a time.
    @inline(always)
    private static func accumulate(
        _ values: UnsafeRawPointer, _ dimension: Int, _ valid: Int, _ weights: UnsafePointer<Float>,
        _ corrections: Scalars, _ output: UnsafeMutablePointer<Float>
    ) {
        var d = 0
        while d &+ 16 <= dimension {
            var (o0, o1) = (Sums(repeating: simd_splat(0)), Sums(repeating: simd_splat(0)))
            for i in 0..<count {
                let at = output + (i &* dimension &+ d)
                o0[i] = simd_load(at) * simd_splat(corrections[i])
                o1[i] = simd_load(at + 8) * simd_splat(corrections[i])
            }
            for token in 0..<valid {
                let row = values + 2 &* (token &* dimension &+ d)
                let (v0, v1) = (simd_load_f16(row), simd_load_f16(row + 16))
                for i in 0..<count {
                    let weight = simd_splat(weights[16 &* i &+ token])
                    o0[i] = simd_fma(v0, weight, o0[i])
                    o1[i] = simd_fma(v1, weight, o1[i])
                }
            }
            for i in 0..<count {
                let at = output + (i &* dimension &+ d)
                simd_store(at, o0[i])
                simd_store(at + 8, o1[i])
            }
            d &+= 16
        }
        guard d < dimension else { return }
        for i in 0..<count {
            let at = output + (i &* dimension &+ d)
            var sum = simd_load(at) * simd_splat(corrections[i])
            for token in 0..<valid {
                let value = simd_load_f16(values + 2 &* (token &* dimension &+ d))
                sum = simd_fma(value, simd_splat(weights[16 &* i &+ token]), sum)
            }
            simd_store(at, sum)
        }
    }
}

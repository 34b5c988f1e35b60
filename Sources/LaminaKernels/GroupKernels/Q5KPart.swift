// The inner loop of products with Q5_K weights.
internal import CSimd

/// Q5_K: a part's fifth bits, then its nibbles as in Q4_K. Bit s of a byte belongs to step s of the low nibbles, bit 4 + s to step s of
/// the high ones.
enum Q5KPart: MinimumPart {
    static var bytes: Int { 160 }

    @inline(always)
    static func products<let tile: Int>(
        _ weights: UnsafeRawPointer, _ factors: UnsafeRawPointer, _ x: UnsafeRawPointer, _ columns: Int
    ) -> InlineArray<tile, SIMD8<Int32>> {
        simd_prefetch(weights + 2048)
        simd_prefetch(weights + 2112)
        simd_prefetch(weights + 2176)
        var bits = simd_load_bytes(weights)
        // 16 bits hold the sums of four products of 31, so low and high nibbles are summed apart.
        var low = InlineArray<tile, simd_dots>(repeating: simd_dots_zero())
        var high = InlineArray<tile, simd_dots>(repeating: simd_dots_zero())
        for step in 0..<4 {
            let pairs = simd_load_bytes(weights + (32 &+ 32 &* step))
            let (near, far) = (simd_low_nibbles_5bit(pairs, bits), simd_high_nibbles_5bit(pairs, bits))
            for i in 0..<tile {
                let four = x + (i &* columns &+ 4 &* step)
                low[i] = simd_dots_unsigned(low[i], near, simd_splat4(four))
                high[i] = simd_dots_unsigned(high[i], far, simd_splat4(four + 16))
            }
            bits = simd_next_bit(bits)
        }
        let scales = simd_load_factors(factors)
        var sums = InlineArray<tile, SIMD8<Int32>>(repeating: SIMD8())
        for i in 0..<tile { sums[i] = simd_dots_times(low[i], scales) &+ simd_dots_times(high[i], scales) }
        return sums
    }
}

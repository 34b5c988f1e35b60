// The inner loop of products with Q4_K weights.
internal import CSimd

/// Q4_K: a part's 32 nibbles, in four steps of low and high ones.
enum Q4KPart: MinimumPart {
    static var bytes: Int { 128 }

    @inline(always)
    static func products<let tile: Int>(
        _ weights: UnsafeRawPointer, _ factors: UnsafeRawPointer, _ x: UnsafeRawPointer, _ columns: Int
    ) -> InlineArray<tile, SIMD8<Int32>> {
        simd_prefetch(weights + 2048)
        simd_prefetch(weights + 2112)
        var dots = InlineArray<tile, simd_dots>(repeating: simd_dots_zero())
        for step in 0..<4 {
            let pairs = simd_load_bytes(weights + 32 &* step)
            let (low, high) = (simd_low_nibbles(pairs), simd_high_nibbles(pairs))
            for i in 0..<tile {
                let four = x + (i &* columns &+ 4 &* step)
                dots[i] = simd_dots_unsigned(dots[i], low, simd_splat4(four))
                dots[i] = simd_dots_unsigned(dots[i], high, simd_splat4(four + 16))
            }
        }
        let scales = simd_load_factors(factors)
        var sums = InlineArray<tile, SIMD8<Int32>>(repeating: SIMD8())
        for i in 0..<tile { sums[i] = simd_dots_times(dots[i], scales) }
        return sums
    }
}

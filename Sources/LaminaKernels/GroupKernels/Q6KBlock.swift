// The inner loop of products with Q6_K weights.
internal import CSimd

/// Q6_K: per part of 16, integer dot products times the part's 8-bit scale; two parts share one scale of the activations; the
/// block's float is applied once per 256.
enum Q6KBlock: GroupKernel {
    static let bytes = 1680

    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let parts = columns / 32
        var x = UnsafeRawPointer(activations.quantized + row &* columns)
        var scales = activations.scales + row &* parts
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var w = weights
        for _ in 0..<(columns / 256) {
            simd_prefetch(w + 2048)
            simd_prefetch(w + 2112)
            var scaled = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
            for pair in 0..<8 {
                let dots: InlineArray<tile, SIMD8<Int32>> = products(
                    w + (144 &+ 192 &* pair), w + (16 &+ 16 &* pair), x + 32 &* pair, columns)
                for i in 0..<tile {
                    scaled[i] = simd_fma(
                        simd_to_f32(dots[i]), simd_splat(scales[i &* parts &+ pair]), scaled[i])
                }
            }
            let scale = simd_load_f16(w)
            for i in 0..<tile { sums[i] = simd_fma(scale, scaled[i], sums[i]) }
            w += bytes
            x += 256
            scales += 8
        }
        return sums
    }

    /// Σ over two parts of part scale · Σ w·x. At most 2 · 16 · 32 · 127 · 128 < 2^24: exact as a float.
    @inline(always)
    private static func products<let tile: Int>(
        _ weights: UnsafeRawPointer, _ factors: UnsafeRawPointer, _ x: UnsafeRawPointer, _ columns: Int
    ) -> InlineArray<tile, SIMD8<Int32>> {
        simd_prefetch(weights + 2048)
        simd_prefetch(weights + 2112)
        simd_prefetch(weights + 2176)
        var sums = InlineArray<tile, SIMD8<Int32>>(repeating: SIMD8())
        for part in 0..<2 {
            let three = weights + 96 &* part
            let (a, b, c) = (simd_load_bytes(three), simd_load_bytes(three + 32), simd_load_bytes(three + 64))
            let partScales = simd_load_factors(factors + 8 &* part)
            let (w0, w1) = (simd_minus_32(simd_low_6bit(a)), simd_minus_32(simd_low_6bit(b)))
            let (w2, w3) = (simd_minus_32(simd_low_6bit(c)), simd_minus_32(simd_top_6bit(a, b, c)))
            for i in 0..<tile {
                let at = x + (i &* columns &+ 16 &* part)
                var dots = simd_dots_signed(simd_dots_zero(), w0, simd_splat4(at))
                dots = simd_dots_signed(dots, w1, simd_splat4(at + 4))
                dots = simd_dots_signed(dots, w2, simd_splat4(at + 8))
                dots = simd_dots_signed(dots, w3, simd_splat4(at + 12))
                sums[i] = sums[i] &+ simd_dots_times(dots, partScales)
            }
        }
        return sums
    }
}

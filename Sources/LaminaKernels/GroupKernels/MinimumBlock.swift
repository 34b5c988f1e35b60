// The frame of products with the K-quants whose parts have a minimum: Q4_K and Q5_K.
internal import CSimd

/// The weights of one part of 32 of a block with minima, eight rows interleaved.
protocol MinimumPart {
    /// Bytes of a part's weights.
    static var bytes: Int { get }
    /// Σ w·x times the part's scale, w counted from 0, for `tile` rows of `columns` int8 activations from `x` on; `factors` are
    /// eight scales of 6 bits. Exact as a float: below 2^24.
    static func products<let tile: Int>(
        _ weights: UnsafeRawPointer, _ factors: UnsafeRawPointer, _ x: UnsafeRawPointer, _ columns: Int
    ) -> InlineArray<tile, SIMD8<Int32>>
}

/// Blocks of 256 in eight parts: integer dot products times the part's scale, and the part's minimum times the activations' sum;
/// the block's two floats are applied once per 256.
enum MinimumBlock<Part: MinimumPart>: GroupKernel {
    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let parts = columns / 32
        var x = UnsafeRawPointer(activations.quantized + row &* columns)
        var scales = activations.scales + row &* parts
        var xSums = activations.scaledSums + row &* parts
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var w = weights
        for _ in 0..<(columns / 256) {
            simd_prefetch(w + 2048)
            simd_prefetch(w + 2112)
            let (a, b, c) = (simd_load_bytes(w + 32), simd_load_bytes(w + 64), simd_load_bytes(w + 96))
            // [8 parts][8 rows] scales, then the same of minima.
            let factors = (simd_low_6bit(a), simd_low_6bit(b), simd_low_6bit(c), simd_top_6bit(a, b, c))
            withUnsafeBytes(of: factors) { bytes in
                let factors = bytes.baseAddress.unsafelyUnwrapped
                let scaled: InlineArray<tile, SIMD8<Float>> = products(w + 128, factors, x, scales, columns)
                let minima: InlineArray<tile, SIMD8<Float>> = minimumProducts(factors + 64, xSums, parts)
                let (scale, minimum) = (simd_load_f16(w), simd_splat(0) - simd_load_f16(w + 16))
                for i in 0..<tile {
                    sums[i] = simd_fma(minimum, minima[i], simd_fma(scale, scaled[i], sums[i]))
                }
            }
            w += 128 &+ 8 &* Part.bytes
            x += 256
            scales += 8
            xSums += 8
        }
        return sums
    }

    /// Σ over the parts of x scale · part scale · Σ w·x.
    @inline(always)
    private static func products<let tile: Int>(
        _ weights: UnsafeRawPointer, _ factors: UnsafeRawPointer, _ x: UnsafeRawPointer,
        _ scales: UnsafePointer<Float>, _ columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        for part in 0..<8 {
            let dots: InlineArray<tile, SIMD8<Int32>> = Part.products(
                weights + part &* Part.bytes, factors + 8 &* part, x + 32 &* part, columns)
            for i in 0..<tile {
                sums[i] = simd_fma(
                    simd_to_f32(dots[i]), simd_splat(scales[i &* (columns / 32) &+ part]), sums[i])
            }
        }
        return sums
    }

    /// Σ over the parts of part minimum · Σ x.
    @inline(always)
    private static func minimumProducts<let tile: Int>(
        _ minima: UnsafeRawPointer, _ xSums: UnsafePointer<Float>, _ parts: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        for part in 0..<8 {
            let minimum = simd_load_u8(minima + 8 &* part)
            for i in 0..<tile { sums[i] = simd_fma(minimum, simd_splat(xSums[i &* parts &+ part]), sums[i]) }
        }
        return sums
    }
}

// The inner loop of products with Q8_0 weights.
internal import CSimd

/// Q8_0: int8 products, one multiply-add of floats per block.
enum Q8Block: PairedGroupKernel {
    static let bytes = 272

    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let blocks = columns / 32
        let x = UnsafeRawPointer(activations.quantized + row &* columns)
        let scales = activations.scales + row &* blocks
        let starts = activations.starts + row &* blocks
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var w = weights
        for block in 0..<blocks {
            // Four and a half cache lines a block, 2 KB ahead: decides the share of memory bandwidth reached.
            prefetch(w + 2048)
            var dots = InlineArray<tile, SIMD8<Int32>>(repeating: SIMD8())
            for i in 0..<tile { dots[i] = simd_offset_start(starts[i &* blocks &+ block]) }
            for step in 0..<8 {
                let q = simd_offset(simd_load_int8(w + (16 &+ 32 &* step)))
                for i in 0..<tile {
                    dots[i] = simd_dot4_offset(
                        dots[i], q, simd_splat4(x + (i &* columns &+ block &* 32 &+ 4 &* step)))
                }
            }
            let weightScales = simd_load_f16(w)
            for i in 0..<tile {
                let at = i &* blocks &+ block
                let scale = weightScales * simd_splat(scales[at])
                sums[i] = simd_fma(simd_to_f32(dots[i]), scale, sums[i])
            }
            w += bytes
        }
        return sums
    }

    @inline(always)
    static func multiplyPair<let tile: Int>(
        _ weights: WidePair, _ activations: Activations, row: Int, columns: Int, isFirst: Bool
    ) -> (first: InlineArray<tile, f32w>, second: InlineArray<tile, f32w>) {
        let blocks = columns / 32
        let x = UnsafeRawPointer(activations.quantized + row &* columns)
        let scales = activations.scales + row &* blocks
        let starts = activations.starts + row &* blocks
        var (sums0, sums1) = (
            InlineArray<tile, f32w>(repeating: wide_splat(0)), InlineArray<tile, f32w>(repeating: wide_splat(0))
        )
        var w = weights
        for block in 0..<blocks {
            if isFirst { w.prefetch(1024, blockBytes: bytes) }
            var (dots0, dots1) = (
                InlineArray<tile, i32w>(repeating: wide_offset_start(0)),
                InlineArray<tile, i32w>(repeating: wide_offset_start(0))
            )
            for i in 0..<tile {
                dots0[i] = wide_offset_start(starts[i &* blocks &+ block])
                dots1[i] = dots0[i]
            }
            for step in 0..<8 {
                let q0 = wide_offset(w.first(16 &+ 32 &* step))
                let q1 = wide_offset(w.second(16 &+ 32 &* step))
                for i in 0..<tile {
                    let four = wide_splat4(x + (i &* columns &+ block &* 32 &+ 4 &* step))
                    dots0[i] = wide_dot4_offset(dots0[i], q0, four)
                    dots1[i] = wide_dot4_offset(dots1[i], q1, four)
                }
            }
            let (weightScales0, weightScales1) = (w.firstScales, w.secondScales)
            for i in 0..<tile {
                let scale = wide_splat(scales[i &* blocks &+ block])
                sums0[i] = wide_fma(wide_to_f32(dots0[i]), weightScales0 * scale, sums0[i])
                sums1[i] = wide_fma(wide_to_f32(dots1[i]), weightScales1 * scale, sums1[i])
            }
            w.advance(bytes)
        }
        return (sums0, sums1)
    }

    /// A block's cache lines.
    @inline(always)
    private static func prefetch(_ block: UnsafeRawPointer) {
        for line in 0..<5 { simd_prefetch(block + 64 &* line) }
    }
}

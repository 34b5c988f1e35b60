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
            simd_prefetch_lines(w + 2048, Int32(truncatingIfNeeded: bytes))
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
    static func start(_ start: Int32) -> i32w { wide_offset_start(start) }

    @inline(always)
    static func add<let tile: Int>(
        _ w: WidePair, _ x: UnsafeRawPointer, columns: Int,
        to first: inout InlineArray<tile, i32w>, _ second: inout InlineArray<tile, i32w>
    ) {
        for step in 0..<8 {
            let q0 = wide_offset(w.first(16 &+ 32 &* step))
            let q1 = wide_offset(w.second(16 &+ 32 &* step))
            for i in 0..<tile {
                let four = wide_splat4(x + (i &* columns &+ 4 &* step))
                first[i] = wide_dot4(first[i], q0, four)
                second[i] = wide_dot4(second[i], q1, four)
            }
        }
    }
}

// The inner loop of products with Q4_0 weights.
internal import CSimd

/// Q4_0: nibbles counted from zero, 8·Σx subtracted per block.
enum Q4Block: PairedGroupKernel {
    static let bytes = 144

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
            simd_prefetch_lines(w + 2048, Int32(truncatingIfNeeded: bytes))
            let weightScales = simd_load_f16(w)
            var dots = InlineArray<tile, simd_dots>(repeating: simd_dots_zero())
            for i in 0..<tile { dots[i] = simd_dots_start(starts[i &* blocks &+ block]) }
            for step in 0..<4 {
                let pairs = simd_load_bytes(w + (16 &+ 32 &* step))
                let (low, high) = (simd_low_nibbles(pairs), simd_high_nibbles(pairs))
                for i in 0..<tile {
                    let four = x + (i &* columns &+ 32 &* block &+ 4 &* step)
                    dots[i] = simd_dots_unsigned(dots[i], low, simd_splat4(four))
                    dots[i] = simd_dots_unsigned(dots[i], high, simd_splat4(four + 16))
                }
            }
            for i in 0..<tile {
                let at = i &* blocks &+ block
                let total = simd_to_f32(simd_dots_total(dots[i], starts[at]))
                sums[i] = simd_fma(total, weightScales * simd_splat(scales[at]), sums[i])
            }
            w += bytes
        }
        return sums
    }

    @inline(always)
    static func start(_ start: Int32) -> i32w { wide_start(start) }

    @inline(always)
    static func add<let tile: Int>(
        _ w: WidePair, _ x: UnsafeRawPointer, columns: Int,
        to first: inout InlineArray<tile, i32w>, _ second: inout InlineArray<tile, i32w>
    ) {
        for step in 0..<4 {
            let (pairs0, pairs1) = (w.first(16 &+ 32 &* step), w.second(16 &+ 32 &* step))
            let (low0, low1) = (wide_low_nibbles(pairs0), wide_low_nibbles(pairs1))
            let (high0, high1) = (wide_high_nibbles(pairs0), wide_high_nibbles(pairs1))
            for i in 0..<tile {
                let four = x + (i &* columns &+ 4 &* step)
                let (x0, x1) = (wide_splat4(four), wide_splat4(four + 16))
                first[i] = wide_dot4(first[i], low0, x0)
                second[i] = wide_dot4(second[i], low1, x0)
                first[i] = wide_dot4(first[i], high0, x1)
                second[i] = wide_dot4(second[i], high1, x1)
            }
        }
    }
}

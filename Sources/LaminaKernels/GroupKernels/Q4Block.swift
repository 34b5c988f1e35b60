// The inner loop of products with Q4_0 weights.
internal import CSimd

/// Q4_0: nibbles counted from zero, 8·Σx subtracted per block.
enum Q4Block: GroupKernel {
    static let bytes = 144

    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let blocks = columns / 32
        let x = UnsafeRawPointer(activations.quantized + row &* columns).assumingMemoryBound(to: CChar.self)
        let scales = activations.scales + row &* blocks
        let starts = activations.starts + row &* blocks
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var w = weights
        for block in 0..<blocks {
            simd_prefetch(w + 2048)
            simd_prefetch(w + 2112)
            simd_prefetch(w + 2176)
            let (q0, q1) = (simd_load_bytes(w + 16), simd_load_bytes(w + 48))
            let (q2, q3) = (simd_load_bytes(w + 80), simd_load_bytes(w + 112))
            let weightScales = simd_load_f16(w)
            for i in 0..<tile {
                let at = i &* blocks &+ block
                let dots = simd_dot_q4(starts[at], q0, q1, q2, q3, x + (i &* columns &+ block &* 32))
                sums[i] = simd_fma(simd_to_f32(dots), weightScales * simd_splat(scales[at]), sums[i])
            }
            w += bytes
        }
        return sums
    }
}

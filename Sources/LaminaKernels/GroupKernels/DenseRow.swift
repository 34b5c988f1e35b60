// The inner loop of products with weights that are floats of some width.
internal import CSimd

/// A weight element that eight lanes of floats can be loaded from.
protocol DenseElement {
    static var bytes: Int { get }
    static func load8(_ source: UnsafeRawPointer) -> SIMD8<Float>
}

extension Float: DenseElement {
    static var bytes: Int { 4 }
    @inline(always) static func load8(_ source: UnsafeRawPointer) -> SIMD8<Float> {
        simd_load(source.assumingMemoryBound(to: Float.self))
    }
}

extension Float16: DenseElement {
    static var bytes: Int { 2 }
    @inline(always) static func load8(_ source: UnsafeRawPointer) -> SIMD8<Float> { simd_load_f16(source) }
}

/// The upper 16 bits of a Float.
enum BrainFloat: DenseElement {
    static var bytes: Int { 2 }
    @inline(always) static func load8(_ source: UnsafeRawPointer) -> SIMD8<Float> { simd_load_bf16(source) }
}

/// F32, F16 and BF16 weights against float activations: two running sums a row, even and odd columns.
enum DenseRow<Element: DenseElement>: GroupKernel {
    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let x = UnsafePointer(activations.values.row(row))
        var even = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var odd = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        let step = 8 &* Element.bytes
        var w = weights
        var column = 0
        while column &+ 2 <= columns {
            simd_prefetch(w + 2048)
            let (w0, w1) = (Element.load8(w), Element.load8(w + step))
            for i in 0..<tile {
                even[i] = simd_fma(w0, simd_splat(x[i &* columns &+ column]), even[i])
                odd[i] = simd_fma(w1, simd_splat(x[i &* columns &+ column &+ 1]), odd[i])
            }
            w += 2 &* step
            column &+= 2
        }
        if column < columns {
            let last = Element.load8(w)
            for i in 0..<tile { even[i] = simd_fma(last, simd_splat(x[i &* columns &+ column]), even[i]) }
        }
        for i in 0..<tile { even[i] += odd[i] }
        return even
    }
}

// The inner loops of a matrix product: one group of eight weight rows against tiles of one to four activation rows.
internal import CSimd

/// How one group of eight rows of a weight type is multiplied with `tile` rows of activations.
protocol GroupKernel {
    /// Sums [tile][8 rows] of one group at `weights` with activation rows `row..<row + tile`.
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>>
}

/// Walks groups and rows in tiles; each weight group is read once per four rows while it is in L1.
enum GroupProduct<Kernel: GroupKernel> {
    @inline(always)
    static func run(_ product: MatrixProduct, _ activations: Activations, groups: Range<Int>, rows: Range<Int>) {
        for group in groups {
            let weights = product.weights.group(group)
            var row = rows.lowerBound
            while row &+ 4 <= rows.upperBound {
                tile(of: product, activations, weights, group, row, as: InlineArray<4, SIMD8<Float>>.self)
                row &+= 4
            }
            if row &+ 2 <= rows.upperBound {
                tile(of: product, activations, weights, group, row, as: InlineArray<2, SIMD8<Float>>.self)
                row &+= 2
            }
            if row < rows.upperBound {
                tile(of: product, activations, weights, group, row, as: InlineArray<1, SIMD8<Float>>.self)
            }
        }
    }

    @inline(always)
    private static func tile<let tile: Int>(
        of product: MatrixProduct, _ activations: Activations, _ weights: UnsafeRawPointer, _ group: Int, _ row: Int,
        as _: InlineArray<tile, SIMD8<Float>>.Type
    ) {
        let sums: InlineArray<tile, SIMD8<Float>> = Kernel.multiply(
            weights, activations, row: row, columns: product.weights.columns)
        let valid = min(8, product.weights.rows &- 8 &* group)
        for i in 0..<tile {
            let target = product.output.row(row &+ i) + 8 &* group
            if valid == 8 {
                simd_store(target, product.isAdded ? simd_load(target) + sums[i] : sums[i])
            } else {
                for lane in 0..<valid { target[lane] = product.isAdded ? target[lane] + sums[i][lane] : sums[i][lane] }
            }
        }
    }
}

/// Q8_0: int8 products, one multiply-add of floats per block.
enum Q8Block: GroupKernel {
    static let bytes = 272

    @inline(always)
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>> {
        let blocks = columns / 32
        let x = UnsafeRawPointer(activations.quantized + row &* columns)
        let scales = activations.scales + row &* blocks
        var sums = InlineArray<tile, SIMD8<Float>>(repeating: simd_splat(0))
        var w = weights
        for block in 0..<blocks {
            // Four and a half cache lines a block, 2 KB ahead: decides the share of memory bandwidth reached.
            simd_prefetch(w + 2048)
            simd_prefetch(w + 2112)
            simd_prefetch(w + 2176)
            simd_prefetch(w + 2240)
            simd_prefetch(w + 2304)
            var dots = InlineArray<tile, SIMD8<Int32>>(repeating: SIMD8())
            for step in 0..<8 {
                let q = SIMD32<Int8>(truncatingIfNeeded: simd_load_bytes(w + (16 &+ 32 &* step)))
                for i in 0..<tile {
                    dots[i] = simd_dot4(dots[i], q, simd_splat4(x + (i &* columns &+ block &* 32 &+ 4 &* step)))
                }
            }
            let weightScales = simd_load_f16(w)
            for i in 0..<tile {
                let scale = weightScales * simd_splat(scales[i &* blocks &+ block])
                sums[i] = simd_fma(simd_to_f32(dots[i]), scale, sums[i])
            }
            w += bytes
        }
        return sums
    }
}

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
        let corrections = activations.sums + row &* blocks
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
                let dots = simd_dot_q4(q0, q1, q2, q3, x + (i &* columns &+ block &* 32))
                let at = i &* blocks &+ block
                let correction = SIMD8<Int32>(repeating: corrections[at])
                sums[i] = simd_fma(
                    simd_to_f32(dots &- correction), weightScales * simd_splat(scales[at]), sums[i])
            }
            w += bytes
        }
        return sums
    }
}

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

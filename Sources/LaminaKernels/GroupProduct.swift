// The walk of a matrix product: one group of eight weight rows against tiles of one to four activation rows.
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

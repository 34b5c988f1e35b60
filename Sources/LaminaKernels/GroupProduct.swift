// The walk of a matrix product: one group of eight weight rows against tiles of one to four activation rows.
internal import CSimd

/// How one group of eight rows of a weight type is multiplied with `tile` rows of activations.
protocol GroupKernel {
    /// Sums [tile][8 rows] of one group at `weights` with activation rows `row..<row + tile`.
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>>
}

/// A weight type whose groups can be multiplied two at once, with every load of activations used twice. It takes more
/// registers than x86-64-v3 has.
protocol PairedGroupKernel: GroupKernel {
    /// Sums of the group at `weights` and the one `groupBytes` after it.
    static func multiplyPair<let tile: Int>(
        _ weights: UnsafeRawPointer, groupBytes: Int, _ activations: Activations, row: Int, columns: Int
    ) -> (first: InlineArray<tile, SIMD8<Float>>, second: InlineArray<tile, SIMD8<Float>>)
}

extension GroupProduct where Kernel: PairedGroupKernel {
    /// `run`, in pairs of groups for four rows and more where there are registers for it. A function of its own: inlined with all
    /// the others, its vectors' initializers become calls.
    @inline(never)
    static func runPaired(
        _ product: MatrixProduct, _ activations: Activations, groups: Range<Int>, rows: Range<Int>
    ) {
        let paired = simd_has_32_registers() != 0 ? groups.count / 2 &* 2 : 0
        let fours = rows.lowerBound &+ rows.count / 4 &* 4
        var group = groups.lowerBound
        while group < groups.lowerBound &+ paired, rows.count >= 4 {
            let weights = product.weights.group(group)
            var row = rows.lowerBound
            while row < fours {
                let sums: (first: InlineArray<4, SIMD8<Float>>, second: InlineArray<4, SIMD8<Float>>) =
                    Kernel.multiplyPair(
                        weights, groupBytes: product.weights.groupBytes, activations, row: row,
                        columns: product.weights.columns)
                store(sums.first, of: product, group, row)
                store(sums.second, of: product, group &+ 1, row)
                row &+= 4
            }
            run(product, activations, groups: group..<(group &+ 2), rows: fours..<rows.upperBound)
            group &+= 2
        }
        run(product, activations, groups: group..<groups.upperBound, rows: rows)
    }
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
        store(sums, of: product, group, row)
    }

    @inline(always)
    fileprivate static func store<let tile: Int>(
        _ sums: InlineArray<tile, SIMD8<Float>>, of product: MatrixProduct, _ group: Int, _ row: Int
    ) {
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

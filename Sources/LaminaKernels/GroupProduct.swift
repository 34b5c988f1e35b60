// The walk of a matrix product: one group of eight weight rows against tiles of one to four activation rows.
internal import CSimd

/// How one group of eight rows of a weight type is multiplied with `tile` rows of activations.
protocol GroupKernel {
    /// Sums [tile][8 rows] of one group at `weights` with activation rows `row..<row + tile`.
    static func multiply<let tile: Int>(
        _ weights: UnsafeRawPointer, _ activations: Activations, row: Int, columns: Int
    ) -> InlineArray<tile, SIMD8<Float>>
}

/// A weight type of blocks of 32 whose groups can be multiplied several at once, with every load of activations used for all of
/// them. It takes more registers than x86-64-v3 has.
protocol PairedGroupKernel: GroupKernel {
    /// Bytes of a block of eight rows; it begins with their scales.
    static var bytes: Int { get }

    /// What the sums of a block start with; `start` is -8·Σx.
    static func start(_ start: Int32) -> i32w

    /// Adds the products of a pair's block with `tile` rows of 32 activations from `x`, `columns` apart.
    static func add<let tile: Int>(
        _ weights: WidePair, _ x: UnsafeRawPointer, columns: Int,
        to first: inout InlineArray<tile, i32w>, _ second: inout InlineArray<tile, i32w>)
}

extension PairedGroupKernel {
    /// Sums of the groups of a pair, one vector after the other. `isFirst`: the weights still come from memory.
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
            var dots0 = InlineArray<tile, i32w>(repeating: wide_start(0))
            for i in 0..<tile { dots0[i] = start(starts[i &* blocks &+ block]) }
            var dots1 = dots0
            add(w, x + 32 &* block, columns: columns, to: &dots0, &dots1)
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
}

extension GroupProduct where Kernel: PairedGroupKernel {
    /// `run`, in pairs of groups for four rows and more where there are registers for it. A function of its own: inlined with all
    /// the others, its vectors' initializers become calls.
    @inline(never)
    static func runPaired(
        _ product: MatrixProduct, _ activations: Activations, groups: Range<Int>, rows: Range<Int>
    ) {
        let isPaired = simd_has_32_registers() != 0 && rows.count >= 4
        let paired = isPaired ? groups.count / WidePair.groups &* WidePair.groups : 0
        let fours = rows.lowerBound &+ rows.count / 4 &* 4
        var group = groups.lowerBound
        while group < groups.lowerBound &+ paired {
            let weights = WidePair(product.weights.group(group), groupBytes: product.weights.groupBytes)
            var row = rows.lowerBound
            while row < fours {
                let sums: (first: InlineArray<4, f32w>, second: InlineArray<4, f32w>) = Kernel.multiplyPair(
                    weights, activations, row: row, columns: product.weights.columns, isFirst: row == rows.lowerBound)
                let vector = Int(wide_groups())
                for part in 0..<vector {
                    store(rowsOf(sums.first, part), of: product, group &+ part, row)
                    store(rowsOf(sums.second, part), of: product, group &+ vector &+ part, row)
                }
                row &+= 4
            }
            run(product, activations, groups: group..<(group &+ WidePair.groups), rows: fours..<rows.upperBound)
            group &+= WidePair.groups
        }
        run(product, activations, groups: group..<groups.upperBound, rows: rows)
    }

    @inline(always)
    private static func rowsOf(_ sums: InlineArray<4, f32w>, _ part: Int) -> InlineArray<4, SIMD8<Float>> {
        var rows = InlineArray<4, SIMD8<Float>>(repeating: simd_splat(0))
        for i in 0..<4 { rows[i] = wide_rows(sums[i], Int32(truncatingIfNeeded: part)) }
        return rows
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

// Weights repacked for the kernels: eight output rows interleaved, so that one vector register holds one position of eight
// rows and a product needs no horizontal sums. Measured 3.3x a row-major layout from L2 (docs/decisions/0001).
//
//   F32, F16, BF16   per group of 8 rows: [columns][8 rows]
//   Q8_0             per group and block of 32 columns: [8 scales, half] [8 steps][8 rows][4 columns] int8      272 bytes
//   Q4_0             per group and block of 32 columns: [8 scales, half] [4 steps][8 rows][4 columns] nibbles   144 bytes
//                    low nibbles of step v are columns 4v..., high nibbles 16 + 4v..., as 0...15 (weight + 8)
//
// The last group is padded with zero rows.

/// A weight matrix [rows, columns] in the kernels' layout.
package final class PackedMatrix: @unchecked Sendable {
    // Sendable: filled by init, read-only afterwards.

    /// Output dimension.
    package let rows: Int
    /// Input dimension; a multiple of the type's block size.
    package let columns: Int
    /// Encoding of the weights.
    package let type: WeightType
    /// Groups of eight rows.
    package let groups: Int
    /// Bytes of one group.
    package let groupBytes: Int
    private let memory: AlignedBuffer

    /// Repacks `rows` rows of `columns` weights stored as `type`, row after row, at `source` (no alignment needed).
    package init(
        rows: Int, columns: Int, type: WeightType, source: UnsafeRawPointer, pool: WorkerPool
    ) throws(KernelError) {
        require(columns % type.blockSize == 0, "a row must be whole blocks")
        self.rows = rows
        self.columns = columns
        self.type = type
        groups = (rows + 7) / 8
        groupBytes = 8 * type.rowBytes(columns: columns)
        let memory = try AlignedBuffer(byteCount: groups * groupBytes)
        self.memory = memory
        let (groupBytes, rowBytes) = (groupBytes, type.rowBytes(columns: columns))
        pool.run(count: groups, grain: max(1, (256 << 10) / max(groupBytes, 1))) { range in
            for group in range {
                Repacking.group(
                    type, rows: min(8, rows - 8 * group), columns: columns,
                    from: source + 8 * group * rowBytes, to: memory.address + group * groupBytes)
            }
        }
    }

    /// Start of a group of eight rows.
    @inline(always)
    func group(_ index: Int) -> UnsafeRawPointer { UnsafeRawPointer(memory.address) + index &* groupBytes }
}

/// Rearranges up to eight rows into one group.
enum Repacking {
    static func group(
        _ type: WeightType, rows: Int, columns: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
    ) {
        switch type {
        case .f32: interleave(UInt32.self, rows: rows, columns: columns, from: source, to: target)
        case .f16, .bf16: interleave(UInt16.self, rows: rows, columns: columns, from: source, to: target)
        case .q8_0: q8(rows: rows, blocks: columns / 32, from: source, to: target)
        case .q4_0: q4(rows: rows, blocks: columns / 32, from: source, to: target)
        }
    }

    @inline(always)
    private static func interleave<Element: FixedWidthInteger & BitwiseCopyable>(
        _: Element.Type, rows: Int, columns: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer
    ) {
        let width = MemoryLayout<Element>.size
        for row in 0..<rows {
            let line = source + row &* columns &* width
            for column in 0..<columns {
                let weight = line.loadUnaligned(fromByteOffset: column &* width, as: Element.self)
                target.storeBytes(of: weight, toByteOffset: (column &* 8 &+ row) &* width, as: Element.self)
            }
        }
    }

    private static func q8(rows: Int, blocks: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        for row in 0..<rows {
            for block in 0..<blocks {
                let from = source + (row &* blocks &+ block) &* 34
                let to = target + block &* 272
                to.storeBytes(of: from.loadUnaligned(as: UInt16.self), toByteOffset: 2 &* row, as: UInt16.self)
                for step in 0..<8 {
                    let four = from.loadUnaligned(fromByteOffset: 2 &+ 4 &* step, as: UInt32.self)
                    to.storeBytes(of: four, toByteOffset: 16 &+ 32 &* step &+ 4 &* row, as: UInt32.self)
                }
            }
        }
    }

    private static func q4(rows: Int, blocks: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
        for row in 0..<rows {
            for block in 0..<blocks {
                let from = source + (row &* blocks &+ block) &* 18
                let to = target + block &* 144
                to.storeBytes(of: from.loadUnaligned(as: UInt16.self), toByteOffset: 2 &* row, as: UInt16.self)
                for step in 0..<4 {
                    // The file's byte j already pairs column j with column j + 16.
                    let four = from.loadUnaligned(fromByteOffset: 2 &+ 4 &* step, as: UInt32.self)
                    to.storeBytes(of: four, toByteOffset: 16 &+ 32 &* step &+ 4 &* row, as: UInt32.self)
                }
            }
        }
    }
}

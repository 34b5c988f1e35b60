// Weights repacked for the kernels: eight output rows interleaved, so that one vector register holds one position of eight
// rows and a product needs no horizontal sums. Measured 3.3x a row-major layout from L2 (docs/decisions/0001).
//
//   F32, F16, BF16   per group of 8 rows: [columns][8 rows]
//   Q8_0             per group and block of 32 columns: [8 scales, half] [8 steps][8 rows][4 columns] int8      272 bytes
//   Q4_0             per group and block of 32 columns: [8 scales, half] [4 steps][8 rows][4 columns] nibbles   144 bytes
//                    low nibbles of step v are columns 4v..., high nibbles 16 + 4v..., as 0...15 (weight + 8)
//   Q4_K             per group and block of 256 columns: [8 scales, half] [8 minima, half] [96 bytes: [8 parts][8 rows] scales
//                    and the same of minima, four 6-bit numbers in three bytes] [8 parts] as the nibbles of Q4_0  1152 bytes
//   Q5_K             as Q4_K, each part preceded by the fifth bits [8 rows][4 columns], bit s for step s of eight  1408 bytes
//   Q6_K             per group and block of 256 columns: [8 scales, half] [16 parts][8 rows] scales int8
//                    [16 parts][3 vectors]: four steps of [8 rows][4 columns], 6 bits, in three vectors        1680 bytes
//
// Four 6-bit numbers in three bytes: the low six bits are the first three numbers, the top two bits of the bytes the two lowest,
// middle and highest bits of the fourth.
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

// Two wide vectors' worth of weight groups, walked block by block.
internal import CSimd

/// Neighbouring groups of eight weight rows that are multiplied together: two on most machines, four where one vector holds the
/// same steps of two groups (AVX-512).
struct WidePair {
    private var next: UnsafeRawPointer
    private let groupBytes: Int

    /// Groups of one pair.
    @inline(always)
    static var groups: Int { 2 &* Int(wide_groups()) }

    @inline(always)
    init(_ weights: UnsafeRawPointer, groupBytes: Int) {
        next = weights
        self.groupBytes = groupBytes
    }

    @inline(always)
    private func group(_ number: Int) -> UnsafeRawPointer { next + number &* groupBytes }

    /// 32 bytes of each group of the first vector, `offset` into the block.
    @inline(always)
    func first(_ offset: Int) -> u8w { wide_load_bytes(group(0) + offset, group(1) + offset) }

    /// The same of the second vector.
    @inline(always)
    func second(_ offset: Int) -> u8w {
        let start = Int(wide_groups())
        return wide_load_bytes(group(start) + offset, group(start &+ 1) + offset)
    }

    /// The scales of the block's rows.
    @inline(always)
    var firstScales: f32w { wide_load_f16(group(0), group(1)) }

    @inline(always)
    var secondScales: f32w {
        let start = Int(wide_groups())
        return wide_load_f16(group(start), group(start &+ 1))
    }

    /// Fetches what is `distance` bytes ahead in each group, as far as a block reaches.
    @inline(always)
    func prefetch(_ distance: Int, blockBytes: Int) {
        for number in 0..<WidePair.groups {
            simd_prefetch_lines(group(number) + distance, Int32(truncatingIfNeeded: blockBytes))
        }
    }

    /// Goes on to the next block.
    @inline(always)
    mutating func advance(_ blockBytes: Int) { next += blockBytes }
}

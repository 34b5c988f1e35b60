// The bit fields of ggml's K-quants (block_q4_K, block_q5_K, block_q6_K in ggml-common.h), shared by decoding and repacking.

enum KQuant {
    /// Scale and minimum, 6 bits each, of one of the eight parts of a Q4_K or Q5_K block; `packed` is the block's 12 bytes of them.
    @inline(always)
    static func factors(_ packed: UnsafeRawPointer, part: Int) -> (scale: UInt8, minimum: UInt8) {
        func byte(_ index: Int) -> UInt8 { packed.load(fromByteOffset: index, as: UInt8.self) }
        guard part >= 4 else { return (byte(part) & 63, byte(part &+ 4) & 63) }
        // The last four: low nibbles in bytes 8..., the two high bits above the first four's numbers.
        let low = byte(part &+ 4)
        return ((low & 15) | (byte(part &- 4) >> 6) << 4, (low >> 4) | (byte(part) >> 6) << 4)
    }

    /// Weights `column..<column + 4` of a Q6_K block as 0...63, one a byte; `column` is a multiple of 4.
    @inline(always)
    static func fourOfSixBits(_ block: UnsafeRawPointer, column: Int) -> UInt32 {
        // Each half of 128: 64 bytes of nibbles, and 32 bytes of the two bits above them.
        let (half, quarter, place) = (column / 128, column / 32 % 4, column % 32)
        let nibbles = block.loadUnaligned(
            fromByteOffset: 64 &* half &+ 32 &* (quarter & 1) &+ place, as: UInt32.self)
        let bits = block.loadUnaligned(fromByteOffset: 128 &+ 32 &* half &+ place, as: UInt32.self)
        return (nibbles >> UInt32(4 &* (quarter / 2)) & 0x0F0F_0F0F) | (bits >> UInt32(2 &* quarter) & 0x0303_0303) << 4
    }

    /// Four 6-bit numbers a byte lane in three bytes: the fourth's bits go above the other three, two by two.
    @inline(always)
    static func threeOfFour<Lanes: FixedWidthInteger>(
        _ a: Lanes, _ b: Lanes, _ c: Lanes, _ fourth: Lanes
    ) -> (Lanes, Lanes, Lanes) {
        let low = Lanes(truncatingIfNeeded: 0x0303_0303)
        return (a | (fourth & low) << 6, b | (fourth & low << 2) << 4, c | (fourth & low << 4) << 2)
    }
}

// Rearranges rows as files store them into the layouts that PackedMatrix describes.

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
        case .q4_K: eachBlock(144, rows: rows, blocks: columns / 256, from: source, to: target, q4K)
        case .q5_K: eachBlock(176, rows: rows, blocks: columns / 256, from: source, to: target, q5K)
        case .q6_K: eachBlock(210, rows: rows, blocks: columns / 256, from: source, to: target, q6K)
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

    /// Hands `body` each block of `bytes` bytes, where it goes, and the row it is of.
    @inline(always)
    private static func eachBlock(
        _ bytes: Int, rows: Int, blocks: Int, from source: UnsafeRawPointer, to target: UnsafeMutableRawPointer,
        _ body: (UnsafeRawPointer, UnsafeMutableRawPointer, Int) -> Void
    ) {
        for row in 0..<rows {
            for block in 0..<blocks {
                body(source + (row &* blocks &+ block) &* bytes, target + block &* 8 &* bytes, row)
            }
        }
    }

    private static func q4K(from: UnsafeRawPointer, to: UnsafeMutableRawPointer, row: Int) {
        factors(from: from, to: to, row: row)
        for part in 0..<8 { nibbles(from: from + 16, part: part, to: to + (128 &+ 128 &* part &+ 4 &* row)) }
    }

    private static func q5K(from: UnsafeRawPointer, to: UnsafeMutableRawPointer, row: Int) {
        factors(from: from, to: to, row: row)
        for part in 0..<8 {
            let target = to + (128 &+ 160 &* part &+ 4 &* row)
            var bits: UInt32 = 0
            for step in 0..<8 {
                // Bit `part` of the file's byte j is that of column j.
                let four = from.loadUnaligned(fromByteOffset: 16 &+ 4 &* step, as: UInt32.self)
                bits |= (four >> UInt32(part) & 0x0101_0101) << UInt32(step)
            }
            target.storeBytes(of: bits, as: UInt32.self)
            nibbles(from: from + 48, part: part, to: target + 32)
        }
    }

    /// The two floats, scales and minima that Q4_K and Q5_K begin with.
    private static func factors(from: UnsafeRawPointer, to: UnsafeMutableRawPointer, row: Int) {
        to.storeBytes(of: from.loadUnaligned(as: UInt16.self), toByteOffset: 2 &* row, as: UInt16.self)
        to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: 2, as: UInt16.self), toByteOffset: 16 &+ 2 &* row, as: UInt16.self)
        for part in 0..<4 {
            let (first, second) = (KQuant.factors(from + 4, part: part), KQuant.factors(from + 4, part: part &+ 4))
            let three = KQuant.threeOfFour(first.scale, second.scale, first.minimum, second.minimum)
            to.storeBytes(of: three.0, toByteOffset: 32 &+ 8 &* part &+ row, as: UInt8.self)
            to.storeBytes(of: three.1, toByteOffset: 64 &+ 8 &* part &+ row, as: UInt8.self)
            to.storeBytes(of: three.2, toByteOffset: 96 &+ 8 &* part &+ row, as: UInt8.self)
        }
    }

    /// One part's nibbles in four steps: byte j of the file pairs column j of an even part with column j of the next; here column j
    /// is paired with column 16 + j.
    private static func nibbles(from: UnsafeRawPointer, part: Int, to: UnsafeMutableRawPointer) {
        let shift = UInt32(4 &* (part & 1))
        for step in 0..<4 {
            let at = 32 &* (part / 2) &+ 4 &* step
            let near = from.loadUnaligned(fromByteOffset: at, as: UInt32.self) >> shift & 0x0F0F_0F0F
            let far = from.loadUnaligned(fromByteOffset: at &+ 16, as: UInt32.self) >> shift & 0x0F0F_0F0F
            to.storeBytes(of: near | far << 4, toByteOffset: 32 &* step, as: UInt32.self)
        }
    }

    private static func q6K(from: UnsafeRawPointer, to: UnsafeMutableRawPointer, row: Int) {
        to.storeBytes(
            of: from.loadUnaligned(fromByteOffset: 208, as: UInt16.self), toByteOffset: 2 &* row, as: UInt16.self)
        for part in 0..<16 {
            let scale = from.load(fromByteOffset: 192 &+ part, as: Int8.self)
            to.storeBytes(of: scale, toByteOffset: 16 &+ 8 &* part &+ row, as: Int8.self)
            func step(_ index: Int) -> UInt32 { KQuant.fourOfSixBits(from, column: 16 &* part &+ 4 &* index) }
            let three = KQuant.threeOfFour(step(0), step(1), step(2), step(3))
            let target = to + (144 &+ 96 &* part &+ 4 &* row)
            target.storeBytes(of: three.0, as: UInt32.self)
            target.storeBytes(of: three.1, toByteOffset: 32, as: UInt32.self)
            target.storeBytes(of: three.2, toByteOffset: 64, as: UInt32.self)
        }
    }
}

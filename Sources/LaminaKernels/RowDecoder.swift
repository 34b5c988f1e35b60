// The meaning of stored weights, block by block, as ggml's dequantize_row functions define it.

/// Reads single rows as floats: the embedding lookup, and the ground truth of tests.
package enum RowDecoder {
    /// Writes `columns` floats of one row stored as `type` at `source`; needs no alignment.
    package static func decode(
        _ type: WeightType, _ source: UnsafeRawPointer, columns: Int, into output: UnsafeMutablePointer<Float>
    ) {
        switch type {
        case .f32:
            for i in 0..<columns { output[i] = source.loadUnaligned(fromByteOffset: 4 &* i, as: Float.self) }
        case .f16:
            for i in 0..<columns { output[i] = half(source, 2 &* i) }
        case .bf16:
            for i in 0..<columns { output[i] = brainFloat(source, 2 &* i) }
        case .q8_0:
            for block in 0..<(columns / 32) {
                let at = block &* 34
                let scale = half(source, at)
                for i in 0..<32 {
                    let weight = source.load(fromByteOffset: at &+ 2 &+ i, as: Int8.self)
                    output[block &* 32 &+ i] = scale * Float(weight)
                }
            }
        case .q4_0:
            for block in 0..<(columns / 32) {
                let at = block &* 18
                let scale = half(source, at)
                for i in 0..<16 {
                    let pair = source.load(fromByteOffset: at &+ 2 &+ i, as: UInt8.self)
                    output[block &* 32 &+ i] = scale * Float(Int(pair & 15) - 8)
                    output[block &* 32 &+ 16 &+ i] = scale * Float(Int(pair >> 4) - 8)
                }
            }
        case .q4_K:
            for block in 0..<(columns / 256) { withMinima(source + block &* 144, into: output + block &* 256) }
        case .q5_K:
            for block in 0..<(columns / 256) {
                withMinima(source + block &* 176, bits: 16, nibbles: 48, into: output + block &* 256)
            }
        case .q6_K:
            for block in 0..<(columns / 256) { q6K(source + block &* 210, into: output + block &* 256) }
        }
    }

    /// A block of Q4_K, or of Q5_K, which has fifth bits at `bits`.
    private static func withMinima(
        _ block: UnsafeRawPointer, bits: Int? = nil, nibbles: Int = 16, into output: UnsafeMutablePointer<Float>
    ) {
        let (scale, minimum) = (half(block, 0), half(block, 2))
        for part in 0..<8 {
            let factors = KQuant.factors(block + 4, part: part)
            let (partScale, partMinimum) = (scale * Float(factors.scale), minimum * Float(factors.minimum))
            for i in 0..<32 {
                let pair = block.load(fromByteOffset: nibbles &+ 32 &* (part / 2) &+ i, as: UInt8.self)
                var weight = part & 1 == 0 ? pair & 15 : pair >> 4
                if let bits { weight |= (block.load(fromByteOffset: bits &+ i, as: UInt8.self) >> part & 1) << 4 }
                output[part &* 32 &+ i] = partScale * Float(weight) - partMinimum
            }
        }
    }

    private static func q6K(_ block: UnsafeRawPointer, into output: UnsafeMutablePointer<Float>) {
        let scale = half(block, 208)
        for i in 0..<256 {
            let partScale = block.load(fromByteOffset: 192 &+ i / 16, as: Int8.self)
            let four = KQuant.fourOfSixBits(block, column: i & ~3)
            let weight = Int(four >> UInt32(8 &* (i & 3)) & 63) - 32
            output[i] = scale * Float(partScale) * Float(weight)
        }
    }

    @inline(always)
    static func half(_ source: UnsafeRawPointer, _ offset: Int) -> Float {
        Float(source.loadUnaligned(fromByteOffset: offset, as: Float16.self))
    }

    @inline(always)
    static func brainFloat(_ source: UnsafeRawPointer, _ offset: Int) -> Float {
        Float(bitPattern: UInt32(source.loadUnaligned(fromByteOffset: offset, as: UInt16.self)) &<< 16)
    }
}

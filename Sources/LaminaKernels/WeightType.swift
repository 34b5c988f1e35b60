// How weights are stored in a file: the encodings the kernels can repack.

/// An encoding of weights, as GGUF stores rows of it.
package enum WeightType: String, Sendable, CaseIterable {
    case f32 = "F32"
    case f16 = "F16"
    case bf16 = "BF16"
    /// Blocks of 32: one half-precision scale, 32 signed bytes.
    case q8_0 = "Q8_0"
    /// Blocks of 32: one half-precision scale, 32 nibbles counted from -8; byte j holds weight j low and weight j + 16 high.
    case q4_0 = "Q4_0"

    /// Weights per block along a row.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q8_0, .q4_0: 32
        }
    }

    /// Bytes per block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q4_0: 18
        }
    }

    /// Whether products with these weights take activations quantized to int8 per 32.
    package var takesQuantizedActivations: Bool { blockSize == 32 }

    /// Bytes of a row of `columns` weights (a multiple of `blockSize`).
    package func rowBytes(columns: Int) -> Int { columns / blockSize * blockBytes }
}

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

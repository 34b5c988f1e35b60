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
    /// Blocks of 256: eight parts of 32 nibbles counted from 0, each part with a 6-bit scale and a 6-bit minimum, which two
    /// half-precision factors scale.
    case q4_K = "Q4_K"
    /// Q4_K with a fifth bit per weight.
    case q5_K = "Q5_K"
    /// Blocks of 256: sixteen parts of 16 weights in 6 bits counted from -32, each part with an 8-bit scale, which one
    /// half-precision factor scales.
    case q6_K = "Q6_K"

    /// Weights per block along a row.
    package var blockSize: Int {
        switch self {
        case .f32, .f16, .bf16: 1
        case .q8_0, .q4_0: 32
        case .q4_K, .q5_K, .q6_K: 256
        }
    }

    /// Bytes per block.
    package var blockBytes: Int {
        switch self {
        case .f32: 4
        case .f16, .bf16: 2
        case .q8_0: 34
        case .q4_0: 18
        case .q4_K: 144
        case .q5_K: 176
        case .q6_K: 210
        }
    }

    /// Whether products with these weights take activations quantized to int8 per 32.
    package var takesQuantizedActivations: Bool { blockSize > 1 }

    /// Bytes of a row of `columns` weights (a multiple of `blockSize`).
    package func rowBytes(columns: Int) -> Int { columns / blockSize * blockBytes }
}

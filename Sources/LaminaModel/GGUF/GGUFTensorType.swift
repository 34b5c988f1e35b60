/// How a tensor's elements are stored: the ids, block sizes and block bytes of ggml's `ggml_type`.
///
/// Elements of one row are stored in blocks of ``blockSize`` elements, each taking ``blockByteCount`` bytes. Every
/// type listed can be read and shown; only those with ``isSupported`` can be computed with.
package enum GGUFTensorType: UInt32, CaseIterable, Sendable {
    case f32 = 0
    case f16 = 1
    case q4_0 = 2
    case q4_1 = 3
    case q5_0 = 6
    case q5_1 = 7
    case q8_0 = 8
    case q8_1 = 9
    case q2_K = 10
    case q3_K = 11
    case q4_K = 12
    case q5_K = 13
    case q6_K = 14
    case q8_K = 15
    case iq2_XXS = 16
    case iq2_XS = 17
    case iq3_XXS = 18
    case iq1_S = 19
    case iq4_NL = 20
    case iq3_S = 21
    case iq2_S = 22
    case iq4_XS = 23
    case i8 = 24
    case i16 = 25
    case i32 = 26
    case i64 = 27
    case f64 = 28
    case iq1_M = 29
    case bf16 = 30
    case tq1_0 = 34
    case tq2_0 = 35
    case mxfp4 = 39
    case nvfp4 = 40
    case q1_0 = 41
    case q2_0 = 42

    /// ggml's name of the type, e.g. `Q4_K`.
    package var name: String { "\(self)".uppercased() }

    /// Elements in one block; a row's length is a multiple of it. 1 for types that are not quantized.
    package var blockSize: Int { layout.elements }

    /// Bytes one block takes.
    package var blockByteCount: Int { layout.bytes }

    /// Whether models with tensors of this type can be loaded.
    package var isSupported: Bool {
        switch self {
        case .f32, .f16, .bf16, .q8_0, .q4_0, .q4_K, .q5_K, .q6_K: return true
        default: return false
        }
    }

    private var layout: (elements: Int, bytes: Int) {
        switch self {
        case .i8: return (1, 1)
        case .f16, .bf16, .i16: return (1, 2)
        case .f32, .i32: return (1, 4)
        case .f64, .i64: return (1, 8)
        case .mxfp4: return (32, 17)
        case .q4_0, .iq4_NL: return (32, 18)
        case .q4_1: return (32, 20)
        case .q5_0: return (32, 22)
        case .q5_1: return (32, 24)
        case .q8_0: return (32, 34)
        case .q8_1: return (32, 36)
        case .q2_0: return (64, 18)
        case .nvfp4: return (64, 36)
        case .q1_0: return (128, 18)
        case .iq1_S: return (256, 50)
        case .tq1_0: return (256, 54)
        case .iq1_M: return (256, 56)
        case .iq2_XXS, .tq2_0: return (256, 66)
        case .iq2_XS: return (256, 74)
        case .iq2_S: return (256, 82)
        case .q2_K: return (256, 84)
        case .iq3_XXS: return (256, 98)
        case .q3_K, .iq3_S: return (256, 110)
        case .iq4_XS: return (256, 136)
        case .q4_K: return (256, 144)
        case .q5_K: return (256, 176)
        case .q6_K: return (256, 210)
        case .q8_K: return (256, 292)
        }
    }

    /// What is known about an id that no case has: types ggml once had and removed. Their files must be converted again.
    static func removedName(id: UInt32) -> String? {
        switch id {
        case 4: return "Q4_2"
        case 5: return "Q4_3"
        case 31: return "Q4_0_4_4"
        case 32: return "Q4_0_4_8"
        case 33: return "Q4_0_8_8"
        case 36: return "IQ4_NL_4_4"
        case 37: return "IQ4_NL_4_8"
        case 38: return "IQ4_NL_8_8"
        default: return nil
        }
    }
}

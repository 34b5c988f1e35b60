/// A metadata value with the type it has in the file.
package enum GGUFValue: Sendable, Equatable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case int64(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)

    /// The value's type as it is shown to people, e.g. `uint32`, `[string]`.
    package var typeName: String {
        switch self {
        case .uint8: return GGUFValueType.uint8.name
        case .int8: return GGUFValueType.int8.name
        case .uint16: return GGUFValueType.uint16.name
        case .int16: return GGUFValueType.int16.name
        case .uint32: return GGUFValueType.uint32.name
        case .int32: return GGUFValueType.int32.name
        case .uint64: return GGUFValueType.uint64.name
        case .int64: return GGUFValueType.int64.name
        case .float32: return GGUFValueType.float32.name
        case .float64: return GGUFValueType.float64.name
        case .bool: return GGUFValueType.bool.name
        case .string: return GGUFValueType.string.name
        case .array(let array): return array.typeName
        }
    }

    /// The value if it is of any integer type.
    var integer: (any FixedWidthInteger & Sendable)? {
        switch self {
        case .uint8(let value): return value
        case .int8(let value): return value
        case .uint16(let value): return value
        case .int16(let value): return value
        case .uint32(let value): return value
        case .int32(let value): return value
        case .uint64(let value): return value
        case .int64(let value): return value
        default: return nil
        }
    }
}

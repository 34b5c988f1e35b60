/// A metadata array, stored as a Swift array of its element type.
package enum GGUFArray: Sendable, Equatable {
    case uint8([UInt8])
    case int8([Int8])
    case uint16([UInt16])
    case int16([Int16])
    case uint32([UInt32])
    case int32([Int32])
    case uint64([UInt64])
    case int64([Int64])
    case float32([Float])
    case float64([Double])
    case bool([Bool])
    case string([String])
    case array([GGUFArray])

    /// The elements, to count and to show; each case's own array is the fast way to read them.
    var elements: any Collection {
        switch self {
        case .uint8(let values): return values
        case .int8(let values): return values
        case .uint16(let values): return values
        case .int16(let values): return values
        case .uint32(let values): return values
        case .int32(let values): return values
        case .uint64(let values): return values
        case .int64(let values): return values
        case .float32(let values): return values
        case .float64(let values): return values
        case .bool(let values): return values
        case .string(let values): return values
        case .array(let values): return values
        }
    }

    /// The number of elements.
    package var count: Int { elements.count }

    /// The type of the elements.
    var elementType: GGUFValueType {
        switch self {
        case .uint8: return .uint8
        case .int8: return .int8
        case .uint16: return .uint16
        case .int16: return .int16
        case .uint32: return .uint32
        case .int32: return .int32
        case .uint64: return .uint64
        case .int64: return .int64
        case .float32: return .float32
        case .float64: return .float64
        case .bool: return .bool
        case .string: return .string
        case .array: return .array
        }
    }

    /// The array's type as it is shown to people, e.g. `[float32]`.
    package var typeName: String { "[\(elementType.name)]" }
}

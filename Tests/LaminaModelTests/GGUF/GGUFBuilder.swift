@testable import LaminaModel

/// Builds GGUF files byte by byte for tests, including ones that no writer would produce.
///
/// Without metadata the first tensor's entry starts at byte 24; the first metadata key's length stands there otherwise.
struct GGUFBuilder {
    /// A tensor table entry; `offset` nil places the tensor behind the one before.
    struct Tensor {
        var name: [UInt8]
        var shape: [UInt64]
        var typeID: UInt32
        var offset: UInt64?
        var data: [UInt8]
    }

    var magic: [UInt8] = Array("GGUF".utf8)
    var version: UInt32 = 3
    /// Counts that differ from what follows.
    var declaredTensorCount: UInt64?
    var declaredMetadataCount: UInt64?
    /// Alignment the writer follows (declared only by a metadata entry).
    var alignment = 32
    private var metadata: [[UInt8]] = []
    private var tensors: [Tensor] = []

    /// Adds a well-formed metadata entry.
    mutating func add(_ key: String, _ value: GGUFValue) {
        let (typeID, payload) = Self.encoded(value)
        add(key: Array(key.utf8), typeID: typeID, payload: payload)
    }

    /// Adds a metadata entry of any bytes.
    mutating func add(key: [UInt8], typeID: UInt32, payload: [UInt8]) {
        metadata.append(Self.string(key) + Self.little(typeID) + payload)
    }

    /// Adds a tensor whose data is `byteCount` counting bytes.
    mutating func addTensor(
        _ name: String, shape: [UInt64], type: GGUFTensorType, byteCount: Int, offset: UInt64? = nil
    ) {
        let data = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0) }
        add(Tensor(name: Array(name.utf8), shape: shape, typeID: type.rawValue, offset: offset, data: data))
    }

    /// Adds a tensor table entry of any content.
    mutating func add(_ tensor: Tensor) {
        tensors.append(tensor)
    }

    /// The file.
    var bytes: [UInt8] {
        var bytes = magic + Self.little(version)
        bytes += Self.little(declaredTensorCount ?? UInt64(tensors.count))
        bytes += Self.little(declaredMetadataCount ?? UInt64(metadata.count))
        bytes += metadata.joined()
        var data: [UInt8] = []
        for tensor in tensors {
            bytes += Self.string(tensor.name) + Self.little(UInt32(tensor.shape.count))
            bytes += tensor.shape.flatMap { Self.little($0) }
            bytes += Self.little(tensor.typeID) + Self.little(tensor.offset ?? UInt64(data.count))
            data += tensor.data + padding(tensor.data.count)
        }
        guard !tensors.isEmpty else { return bytes }
        return bytes + padding(bytes.count) + data
    }

    private func padding(_ count: Int) -> [UInt8] {
        [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
    }

    /// The bytes of an integer, lowest first.
    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    /// A length and that many bytes.
    static func string(_ bytes: [UInt8]) -> [UInt8] { little(UInt64(bytes.count)) + bytes }

    private static func encoded(_ value: GGUFValue) -> (typeID: UInt32, payload: [UInt8]) {
        switch value {
        case .uint8(let value): return (0, little(value))
        case .int8(let value): return (1, little(value))
        case .uint16(let value): return (2, little(value))
        case .int16(let value): return (3, little(value))
        case .uint32(let value): return (4, little(value))
        case .int32(let value): return (5, little(value))
        case .float32(let value): return (6, little(value.bitPattern))
        case .bool(let value): return (7, [value ? 1 : 0])
        case .string(let value): return (8, string(Array(value.utf8)))
        case .array(let array): return (9, encoded(array))
        case .uint64(let value): return (10, little(value))
        case .int64(let value): return (11, little(value))
        case .float64(let value): return (12, little(value.bitPattern))
        }
    }

    private static func encoded(_ array: GGUFArray) -> [UInt8] {
        let elements: [UInt8]
        switch array {
        case .uint8(let values): elements = values
        case .int8(let values): elements = values.flatMap { little($0) }
        case .uint16(let values): elements = values.flatMap { little($0) }
        case .int16(let values): elements = values.flatMap { little($0) }
        case .uint32(let values): elements = values.flatMap { little($0) }
        case .int32(let values): elements = values.flatMap { little($0) }
        case .uint64(let values): elements = values.flatMap { little($0) }
        case .int64(let values): elements = values.flatMap { little($0) }
        case .float32(let values): elements = values.flatMap { little($0.bitPattern) }
        case .float64(let values): elements = values.flatMap { little($0.bitPattern) }
        case .bool(let values): elements = values.map { $0 ? 1 : 0 }
        case .string(let values): elements = values.flatMap { string(Array($0.utf8)) }
        case .array(let values): elements = values.flatMap { encoded($0) }
        }
        return little(array.elementType.rawValue) + little(UInt64(array.count)) + elements
    }
}

extension GGUFHeader {
    /// Reads the header of a file that lies in an array.
    init(_ bytes: [UInt8], path: String = "built.gguf") throws {
        self = try bytes.withUnsafeBytes { try GGUFHeader(bytes: $0, path: path) }
    }
}

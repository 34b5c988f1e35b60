/// Reads the metadata entries that follow a GGUF file's fixed header.
enum GGUFMetadataReader {
    /// The fewest bytes an entry takes: key length, one byte of key, value type, one byte of value.
    static let minimumEntryByteCount = 8 + 1 + 4 + 1

    /// Reads `count` entries.
    static func read(count: Int, from cursor: inout GGUFCursor) throws(GGUFError) -> GGUFMetadata {
        var entries: [GGUFMetadata.Entry] = []
        var indexByKey: [String: Int] = [:]
        entries.reserveCapacity(count)
        indexByKey.reserveCapacity(count)
        for index in 0..<count {
            let keyOffset = cursor.offset
            let key = try cursor.string(maximumBytes: GGUFLimits.keyBytes, field: "key of metadata entry \(index)")
            guard !key.isEmpty else {
                throw cursor.refusal(
                    at: keyOffset, field: "key of metadata entry \(index)", found: "an empty key",
                    allowed: "1 byte or more")
            }
            guard indexByKey.updateValue(index, forKey: key) == nil else {
                throw cursor.refusal(
                    at: keyOffset, field: "key of metadata entry \(index)", found: "'\(printable(key))' a second time",
                    allowed: "each key once")
            }
            let field = "metadata '\(printable(key))'"
            let type = try valueType(from: &cursor, field: "\(field) (value type)")
            let valueOffset = cursor.offset
            let value = try value(of: type, from: &cursor, field: field)
            entries.append(.init(key: key, value: value, valueOffset: valueOffset))
        }
        return GGUFMetadata(entries: entries, indexByKey: indexByKey, path: cursor.path)
    }

    private static func valueType(from cursor: inout GGUFCursor, field: String) throws(GGUFError) -> GGUFValueType {
        let start = cursor.offset
        let id = try cursor.integer(UInt32.self, field: field)
        guard let type = GGUFValueType(rawValue: id) else {
            throw cursor.refusal(
                at: start, field: field, found: "id \(id)", allowed: "ids 0 to 12")
        }
        return type
    }

    private static func value(
        of type: GGUFValueType, from cursor: inout GGUFCursor, field: String
    ) throws(GGUFError) -> GGUFValue {
        switch type {
        case .uint8: return .uint8(try cursor.integer(field: field))
        case .int8: return .int8(try cursor.integer(field: field))
        case .uint16: return .uint16(try cursor.integer(field: field))
        case .int16: return .int16(try cursor.integer(field: field))
        case .uint32: return .uint32(try cursor.integer(field: field))
        case .int32: return .int32(try cursor.integer(field: field))
        case .uint64: return .uint64(try cursor.integer(field: field))
        case .int64: return .int64(try cursor.integer(field: field))
        case .float32: return .float32(Float(bitPattern: try cursor.integer(field: field)))
        case .float64: return .float64(Double(bitPattern: try cursor.integer(field: field)))
        case .bool: return .bool(try cursor.bool(field: field))
        case .string: return .string(try cursor.string(maximumBytes: GGUFLimits.stringBytes, field: field))
        case .array: return .array(try array(nesting: 1, from: &cursor, field: field))
        }
    }

    private static func array(
        nesting: Int, from cursor: inout GGUFCursor, field: String
    ) throws(GGUFError) -> GGUFArray {
        guard nesting <= GGUFLimits.arrayNesting else {
            throw cursor.refusal(
                at: cursor.offset, field: field, found: "arrays nested \(nesting) deep",
                allowed: "up to \(GGUFLimits.arrayNesting)")
        }
        let type = try valueType(from: &cursor, field: "\(field) (element type)")
        let countOffset = cursor.offset
        let wideCount = try cursor.integer(UInt64.self, field: "\(field) (element count)")
        try cursor.require(
            count: wideCount, limit: GGUFLimits.arrayElements, minimumByteCount: type.minimumByteCount, at: countOffset,
            field: "\(field) (element count)")
        let count = Int(wideCount)
        switch type {
        case .uint8: return .uint8(try cursor.values(UInt8.self, count: count, field: field))
        case .int8: return .int8(try cursor.values(Int8.self, count: count, field: field))
        case .uint16: return .uint16(try cursor.values(UInt16.self, count: count, field: field))
        case .int16: return .int16(try cursor.values(Int16.self, count: count, field: field))
        case .uint32: return .uint32(try cursor.values(UInt32.self, count: count, field: field))
        case .int32: return .int32(try cursor.values(Int32.self, count: count, field: field))
        case .uint64: return .uint64(try cursor.values(UInt64.self, count: count, field: field))
        case .int64: return .int64(try cursor.values(Int64.self, count: count, field: field))
        case .float32: return .float32(try cursor.values(Float.self, count: count, field: field))
        case .float64: return .float64(try cursor.values(Double.self, count: count, field: field))
        case .bool: return .bool(try bools(count: count, from: &cursor, field: field))
        case .string: return .string(try strings(count: count, from: &cursor, field: field))
        case .array: return .array(try arrays(count: count, nesting: nesting, from: &cursor, field: field))
        }
    }

    private static func bools(
        count: Int, from cursor: inout GGUFCursor, field: String
    ) throws(GGUFError) -> [Bool] {
        var bools: [Bool] = []
        bools.reserveCapacity(count)
        for index in 0..<count {
            bools.append(try cursor.bool(field: "\(field)[\(index)]"))
        }
        return bools
    }

    private static func strings(
        count: Int, from cursor: inout GGUFCursor, field: String
    ) throws(GGUFError) -> [String] {
        var strings: [String] = []
        strings.reserveCapacity(count)
        for index in 0..<count {
            strings.append(
                try cursor.string(maximumBytes: GGUFLimits.stringBytes, field: "\(field)[\(index)]"))
        }
        return strings
    }

    private static func arrays(
        count: Int, nesting: Int, from cursor: inout GGUFCursor, field: String
    ) throws(GGUFError) -> [GGUFArray] {
        var arrays: [GGUFArray] = []
        arrays.reserveCapacity(count)
        for index in 0..<count {
            arrays.append(try array(nesting: nesting + 1, from: &cursor, field: "\(field)[\(index)]"))
        }
        return arrays
    }
}

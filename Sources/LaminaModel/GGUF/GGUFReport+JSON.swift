import LaminaJSON

extension GGUFReport {
    /// Elements of an array that the JSON form holds; `count` tells how many the file has.
    private static let shownElements = 16

    /// The report as indented JSON, for programs. Ends with a newline.
    ///
    /// Scalars and strings are whole; an array is `{"type", "count", "first"}` with its first elements.
    package var json: String {
        var report = JSONObject()
        report["path"] = .string(file.path)
        report["bytes"] = .integer(Int64(file.sizeBytes))
        report["version"] = .integer(Int64(file.version))
        report["alignment"] = .integer(Int64(file.alignment))
        report["tensor_data_offset"] = .integer(Int64(file.tensorDataOffset))
        report["parameters"] = .number(file.tensors.reduce(into: 0.0) { $0 += Double($1.elementCount) })
        var metadata = JSONObject()
        for entry in file.metadata.entries { metadata[entry.key] = Self.json(entry.value) }
        report["metadata"] = .object(metadata)
        report["tensors"] = .array(file.tensors.map(Self.json))
        return JSONWriter.text(of: .object(report), style: .indented(by: 2)) + "\n"
    }

    private static func json(_ tensor: GGUFTensor) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(tensor.name)
        object["type"] = .string(tensor.type.name)
        object["supported"] = .bool(tensor.type.isSupported)
        object["shape"] = .array(tensor.shape.map { .integer(Int64($0)) })
        object["bytes"] = .integer(Int64(tensor.byteCount))
        object["offset"] = .integer(Int64(tensor.offset))
        return .object(object)
    }

    private static func json(_ value: GGUFValue) -> JSONValue {
        switch value {
        case .string(let string): return .string(string)
        case .bool(let bool): return .bool(bool)
        case .float32(let float): return .number(shortest(float))
        case .float64(let double): return .number(double)
        case .array(let array): return json(array)
        default: return value.integer.map { json($0) } ?? .null
        }
    }

    private static func json(_ array: GGUFArray) -> JSONValue {
        var object = JSONObject()
        object["type"] = .string(array.elementType.name)
        object["count"] = .integer(Int64(array.count))
        object["first"] = .array(array.elements.prefix(shownElements).map { json(element: $0) })
        return .object(object)
    }

    private static func json(element: Any) -> JSONValue {
        switch element {
        case let string as String: return .string(string)
        case let bool as Bool: return .bool(bool)
        case let float as Float: return .number(shortest(float))
        case let double as Double: return .number(double)
        case let integer as any FixedWidthInteger: return json(integer)
        case let array as GGUFArray: return json(array)
        default: return .null
        }
    }

    /// An integer as JSON; a `uint64` beyond `Int64` becomes the nearest double.
    private static func json(_ integer: any FixedWidthInteger) -> JSONValue {
        Int64(exactly: integer).map { .integer($0) } ?? .number(Double(integer))
    }

    /// The double that is written with the digits that suffice for the float: 1e-05, not 9.999999747378752e-06.
    private static func shortest(_ float: Float) -> Double {
        Double(float.description) ?? Double(float)
    }
}

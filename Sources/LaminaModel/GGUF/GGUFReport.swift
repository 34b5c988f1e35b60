/// A GGUF file described for people: the text of the `show` command.
///
/// Keys, names and values come from an untrusted file and are escaped so that they cannot steer a terminal; long ones
/// are cut, long arrays are shown by their length and first elements.
package struct GGUFReport {
    let file: GGUFFile

    /// A report about `file`.
    package init(_ file: GGUFFile) {
        self.file = file
    }

    /// The report: summary, metadata, totals per tensor type, tensors. Ends with a newline.
    package var text: String {
        var lines = summary
        lines += ["", "Metadata (\(file.metadata.count))"] + metadataLines
        lines += ["", "Tensor types"] + typeLines
        lines += ["", "Tensors (\(file.tensors.count))"] + tensorLines
        return lines.joined(separator: "\n") + "\n"
    }

    private var summary: [String] {
        let parameters = file.tensors.reduce(into: 0.0) { $0 += Double($1.elementCount) }
        var table = TextTable(.left, .left)
        table.add("File", printable(file.path, limit: 4096))
        table.add("Size", "\(Self.binarySize(file.sizeBytes)) (\(file.sizeBytes) bytes)")
        table.add("Format", "GGUF version \(file.version), alignment \(file.alignment)")
        table.add("Data", "from byte \(file.tensorDataOffset)")
        table.add("Parameters", "\(Self.decimalCount(parameters)) in \(file.tensors.count) tensors")
        let unsupported = Set(file.tensors.map(\.type)).filter { !$0.isSupported }.map(\.name).sorted()
        if !unsupported.isEmpty {
            table.add("Not loadable", "tensors of type \(unsupported.joined(separator: ", ")) are not supported")
        }
        return table.lines(indent: 0)
    }

    private var metadataLines: [String] {
        var table = TextTable(.left, .left, .left)
        for entry in file.metadata.entries {
            table.add(printable(entry.key), entry.value.typeName, Self.abbreviated(entry.value))
        }
        return table.lines(indent: 2)
    }

    private var typeLines: [String] {
        var table = TextTable(.left, .right, .right, .right, .right)
        table.add("type", "tensors", "parameters", "bytes", "share")
        let totalBytes = file.tensors.reduce(0) { $0 + $1.byteCount }
        for type in GGUFTensorType.allCases {
            let tensors = file.tensors.filter { $0.type == type }
            guard !tensors.isEmpty else { continue }
            let parameters = tensors.reduce(into: 0.0) { $0 += Double($1.elementCount) }
            let bytes = tensors.reduce(0) { $0 + $1.byteCount }
            let share = Self.oneDecimal(Double(bytes) / Double(totalBytes) * 100)
            table.add(
                type.name, "\(tensors.count)", Self.decimalCount(parameters), Self.binarySize(bytes), "\(share) %")
        }
        return table.lines(indent: 2)
    }

    private var tensorLines: [String] {
        var table = TextTable(.left, .left, .right, .right, .right)
        table.add("name", "type", "shape", "bytes", "offset")
        for tensor in file.tensors {
            let shape = tensor.shape.map { "\($0)" }.joined(separator: " x ")
            table.add(printable(tensor.name), tensor.type.name, shape, "\(tensor.byteCount)", "\(tensor.offset)")
        }
        return table.lines(indent: 2)
    }
}

extension GGUFReport {
    /// Characters a value takes at most, so that a line stays near 120 columns.
    private static let valueLimit = 56

    private static func abbreviated(_ value: GGUFValue) -> String {
        switch value {
        case .string(let string): return "\"\(printable(string, limit: valueLimit))\""
        case .array(let array): return abbreviated(array)
        case .float32(let float): return "\(float)"
        case .float64(let double): return "\(double)"
        case .bool(let bool): return "\(bool)"
        default: return value.integer.map { "\($0)" } ?? ""
        }
    }

    private static func abbreviated(_ array: GGUFArray) -> String {
        var shown: [String] = []
        var length = 0
        for element in array.elements {
            let piece = abbreviated(element: element)
            guard length + piece.count <= valueLimit else { break }
            shown.append(piece)
            length += piece.count + 2
        }
        let isComplete = shown.count == array.count
        return "\(array.count): [\(shown.joined(separator: ", "))\(isComplete ? "" : shown.isEmpty ? "…" : ", …")]"
    }

    private static func abbreviated(element: Any) -> String {
        switch element {
        case let string as String: return "\"\(printable(string, limit: 24))\""
        case let array as GGUFArray: return abbreviated(array)
        default: return "\(element)"
        }
    }

    /// Bytes in the largest binary unit that gives at least 1, e.g. `3.8 MiB`.
    static func binarySize(_ bytes: Int) -> String {
        scaled(Double(bytes), by: 1024, units: ["bytes", "KiB", "MiB", "GiB", "TiB"])
    }

    /// A count in the largest decimal unit that gives at least 1, e.g. `3.7 M`.
    static func decimalCount(_ count: Double) -> String {
        scaled(count, by: 1000, units: ["", "K", "M", "B", "T"])
    }

    private static func scaled(_ value: Double, by base: Double, units: [String]) -> String {
        var value = value
        var unit = 0
        while value >= base, unit < units.count - 1 {
            value /= base
            unit += 1
        }
        let number = unit == 0 ? "\(Int(value))" : oneDecimal(value)
        return units[unit].isEmpty ? number : "\(number) \(units[unit])"
    }

    private static func oneDecimal(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}

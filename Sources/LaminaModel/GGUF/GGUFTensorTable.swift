/// Reads a GGUF file's tensor table and checks that every tensor lies inside the file, aligned, apart from the others.
struct GGUFTensorTable {
    /// The fewest bytes an entry takes: name length, one byte of name, dimension count, one dimension, type, offset.
    static let minimumEntryByteCount = 8 + 1 + 4 + 8 + 4 + 8

    /// The tensors in the table's order.
    let tensors: [GGUFTensor]
    /// The position of each name in `tensors`.
    let indexByName: [String: Int]
    /// Bytes from the start of the file to the tensor data.
    let dataOffset: Int

    /// Reads `count` entries; `cursor` stands behind the metadata.
    init(
        count: Int, alignment: Int, tensorData: GGUFHeader.TensorData, from cursor: inout GGUFCursor
    ) throws(GGUFError) {
        var entries: [Entry] = []
        var indexByName: [String: Int] = [:]
        entries.reserveCapacity(count)
        indexByName.reserveCapacity(count)
        for index in 0..<count {
            let entry = try Entry(index: index, from: &cursor)
            guard indexByName.updateValue(index, forKey: entry.name) == nil else {
                throw cursor.refusal(
                    at: entry.start, field: "name of tensor \(index)",
                    found: "'\(printable(entry.name))' a second time",
                    allowed: "each name once")
            }
            entries.append(entry)
        }
        // The limit on the header keeps this far from overflow.
        let dataOffset = (cursor.offset + alignment - 1) / alignment * alignment
        let fileBytes = tensorData == .present ? cursor.bytes.count : GGUFLimits.plannedFileBytes
        var tensors: [GGUFTensor] = []
        tensors.reserveCapacity(count)
        for entry in entries {
            tensors.append(
                try entry.placed(dataOffset: dataOffset, alignment: alignment, fileBytes: fileBytes, cursor: cursor))
        }
        try Self.refuseOverlaps(tensors, entries: entries, dataOffset: dataOffset, cursor: cursor)
        self.tensors = tensors
        self.indexByName = indexByName
        self.dataOffset = dataOffset
    }

    private static func refuseOverlaps(
        _ tensors: [GGUFTensor], entries: [Entry], dataOffset: Int, cursor: GGUFCursor
    ) throws(GGUFError) {
        let order = tensors.indices.sorted { tensors[$0].offset < tensors[$1].offset }
        for (before, after) in zip(order, order.dropFirst()) {
            let end = tensors[before].offset + tensors[before].byteCount
            guard tensors[after].offset >= end else {
                throw cursor.refusal(
                    at: entries[after].offsetFieldStart, field: "tensor '\(printable(tensors[after].name))' (offset)",
                    found: "\(tensors[after].offset - dataOffset), inside tensor '\(printable(tensors[before].name))'",
                    allowed: "tensors that do not overlap (here \(end - dataOffset) or more)")
            }
        }
    }
}

extension GGUFTensorTable {
    /// One entry as it stands in the table: its shape and type are checked, its place in the file not yet.
    private struct Entry {
        let name: String
        let shape: [Int]
        let type: GGUFTensorType
        let byteCount: Int
        let relativeOffset: UInt64
        /// Where the entry, and where its offset field starts in the file.
        let start: Int
        let offsetFieldStart: Int

        init(index: Int, from cursor: inout GGUFCursor) throws(GGUFError) {
            start = cursor.offset
            name = try cursor.string(maximumBytes: GGUFLimits.tensorNameBytes, field: "name of tensor \(index)")
            guard !name.isEmpty else {
                throw cursor.refusal(
                    at: start, field: "name of tensor \(index)", found: "an empty name", allowed: "1 byte or more")
            }
            let field = "tensor '\(printable(name))'"
            let shapeStart = cursor.offset
            shape = try Self.shape(from: &cursor, field: field)
            let typeStart = cursor.offset
            type = try Self.type(from: &cursor, field: field)
            guard shape[0] % type.blockSize == 0 else {
                throw cursor.refusal(
                    at: shapeStart + 4, field: "\(field) (row length)", found: "\(shape[0])",
                    allowed: "multiples of \(type.blockSize), the block size of \(type.name)")
            }
            let blockCount = shape[1...].reduce(shape[0] / type.blockSize, *)
            let (byteCount, overflow) = blockCount.multipliedReportingOverflow(by: type.blockByteCount)
            guard !overflow else {
                throw cursor.refusal(
                    at: typeStart, field: "\(field) (size)",
                    found: "\(blockCount) blocks of \(type.blockByteCount) bytes",
                    allowed: "up to \(Int.max) bytes")
            }
            self.byteCount = byteCount
            offsetFieldStart = cursor.offset
            relativeOffset = try cursor.integer(UInt64.self, field: "\(field) (offset)")
        }

        /// The tensor at its place in the file.
        func placed(
            dataOffset: Int, alignment: Int, fileBytes: Int, cursor: GGUFCursor
        ) throws(GGUFError) -> GGUFTensor {
            let field = "tensor '\(printable(name))' (offset)"
            guard relativeOffset % UInt64(alignment) == 0 else {
                throw cursor.refusal(
                    at: offsetFieldStart, field: field, found: "\(relativeOffset)",
                    allowed: "multiples of the alignment \(alignment)")
            }
            let available = max(0, fileBytes - dataOffset)
            guard byteCount <= available, relativeOffset <= UInt64(available - byteCount) else {
                throw cursor.refusal(
                    at: offsetFieldStart, field: field,
                    found: "\(byteCount) bytes from \(relativeOffset)",
                    allowed: "the \(available) bytes of tensor data in the file of \(fileBytes) bytes")
            }
            return GGUFTensor(
                name: name, type: type, shape: shape, offset: dataOffset + Int(relativeOffset), byteCount: byteCount)
        }

        private static func shape(from cursor: inout GGUFCursor, field: String) throws(GGUFError) -> [Int] {
            let start = cursor.offset
            let count = try cursor.integer(UInt32.self, field: "\(field) (dimension count)")
            guard GGUFLimits.dimensions.contains(count) else {
                throw cursor.refusal(
                    at: start, field: "\(field) (dimension count)", found: "\(count)", allowed: "1 to 4")
            }
            var shape: [Int] = []
            var elements = 1
            for index in 0..<Int(count) {
                let dimensionStart = cursor.offset
                let wide = try cursor.integer(UInt64.self, field: "\(field) (dimension \(index))")
                guard let dimension = Int(exactly: wide), dimension > 0 else {
                    throw cursor.refusal(
                        at: dimensionStart, field: "\(field) (dimension \(index))", found: "\(wide)",
                        allowed: "1 to \(Int.max)")
                }
                let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
                guard !overflow else {
                    throw cursor.refusal(
                        at: dimensionStart, field: "\(field) (dimension \(index))",
                        found: "\(elements) x \(dimension) elements",
                        allowed: "up to \(Int.max)")
                }
                elements = product
                shape.append(dimension)
            }
            return shape
        }

        private static func type(from cursor: inout GGUFCursor, field: String) throws(GGUFError) -> GGUFTensorType {
            let start = cursor.offset
            let id = try cursor.integer(UInt32.self, field: "\(field) (type)")
            if let type = GGUFTensorType(rawValue: id) { return type }
            let found = GGUFTensorType.removedName(id: id).map { "id \(id) (\($0), which ggml removed)" } ?? "id \(id)"
            throw cursor.refusal(
                at: start, field: "\(field) (type)", found: found,
                allowed: "a ggml type up to id 42; convert the model again with a current converter")
        }
    }
}

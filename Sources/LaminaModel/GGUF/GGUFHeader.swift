/// Everything in a GGUF file but the tensors' data, read and checked.
///
/// The layout (ggml/docs/gguf.md): magic, version, tensor count, metadata count; metadata entries; tensor table;
/// padding up to the alignment; tensor data.
package struct GGUFHeader: Sendable {
    /// Whether the tensors' data has to be there too, or the file may end anywhere behind the tensor table.
    enum TensorData {
        case present
        case optional
    }

    /// The file's first four bytes, "GGUF", as a little-endian integer.
    private static let magic: UInt32 = 0x4655_4747

    /// The path of the file, for errors.
    package let path: String
    let version: UInt32
    let metadata: GGUFMetadata
    let alignment: Int
    let tensorTable: GGUFTensorTable

    /// Reads the header of a file that may hold nothing else: the first megabytes of a model, say, fetched to plan with.
    ///
    /// - Throws: ``GGUFError`` as ``GGUFFile/init(path:)``, but not for tensor data that is missing.
    package init(path: String) throws(GGUFError) {
        let file = try MappedFile(path: path)
        self = try Self(bytes: file.bytes, path: path, tensorData: .optional)
    }

    /// Reads the header of the file whose bytes are `bytes`; `path` is named in errors.
    init(
        bytes: UnsafeRawBufferPointer, path: String, tensorData: TensorData = .present
    ) throws(GGUFError) {
        self.path = path
        var cursor = GGUFCursor(bytes: bytes, path: path)
        try Self.checkMagic(&cursor)
        version = try Self.version(&cursor)
        let tensorCountOffset = cursor.offset
        let tensorCount = try cursor.integer(UInt64.self, field: "tensor count")
        let metadataCountOffset = cursor.offset
        let metadataCount = try cursor.integer(UInt64.self, field: "metadata count")
        try cursor.require(
            count: tensorCount, limit: GGUFLimits.tensorCount, minimumByteCount: GGUFTensorTable.minimumEntryByteCount,
            at: tensorCountOffset, field: "tensor count")
        try cursor.require(
            count: metadataCount, limit: GGUFLimits.metadataCount,
            minimumByteCount: GGUFMetadataReader.minimumEntryByteCount, at: metadataCountOffset, field: "metadata count"
        )
        metadata = try GGUFMetadataReader.read(count: Int(metadataCount), from: &cursor)
        alignment = try Self.alignment(metadata, cursor: cursor)
        // Metadata has taken some of the bytes that the count was checked against.
        try cursor.require(
            count: tensorCount, limit: GGUFLimits.tensorCount, minimumByteCount: GGUFTensorTable.minimumEntryByteCount,
            at: tensorCountOffset, field: "tensor count")
        tensorTable = try GGUFTensorTable(
            count: Int(tensorCount), alignment: alignment, tensorData: tensorData, from: &cursor)
    }

    /// The tensors in the table's order.
    package var tensors: [GGUFTensor] { tensorTable.tensors }

    /// The tensor with this name, nil when the file has none.
    package func tensor(named name: String) -> GGUFTensor? {
        tensorTable.indexByName[name].map { tensors[$0] }
    }

    private static func checkMagic(_ cursor: inout GGUFCursor) throws(GGUFError) {
        let magic = try cursor.integer(UInt32.self, field: "magic")
        if magic == Self.magic { return }
        let text = withUnsafeBytes(of: magic) { String(decoding: $0, as: UTF8.self) }
        // The first line of a Git LFS pointer: the repository was cloned without its large files.
        let hint = text == "vers" ? " (a Git LFS pointer? then fetch the file itself)" : ""
        throw cursor.refusal(at: 0, field: "magic", found: "\"\(printable(text))\"\(hint)", allowed: "\"GGUF\"")
    }

    private static func version(_ cursor: inout GGUFCursor) throws(GGUFError) -> UInt32 {
        let start = cursor.offset
        let version = try cursor.integer(UInt32.self, field: "version")
        if GGUFLimits.versions.contains(version) { return version }
        let allowed = "version 2 or 3, little endian"
        if GGUFLimits.versions.contains(version.byteSwapped) {
            throw cursor.refusal(
                at: start, field: "version", found: "a big-endian file (version \(version.byteSwapped))",
                allowed: allowed)
        }
        throw cursor.refusal(at: start, field: "version", found: "version \(version)", allowed: allowed)
    }

    private static func alignment(_ metadata: GGUFMetadata, cursor: GGUFCursor) throws(GGUFError) -> Int {
        let key = "general.alignment"
        guard let entry = metadata.entry(key), let alignment = try metadata.int(key) else {
            return GGUFLimits.defaultAlignment
        }
        guard GGUFLimits.alignments.contains(alignment), alignment.nonzeroBitCount == 1 else {
            throw cursor.refusal(
                at: entry.valueOffset, field: "metadata '\(key)'", found: "\(alignment)",
                allowed: "powers of two from \(GGUFLimits.alignments.lowerBound) to \(GGUFLimits.alignments.upperBound)"
            )
        }
        return alignment
    }
}

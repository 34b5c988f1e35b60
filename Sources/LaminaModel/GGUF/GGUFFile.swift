/// A GGUF model file: its metadata and tensor table read and checked, its tensor data mapped into memory.
///
/// Opening reads the header only; a tensor's pages are read from disk when they are first touched. The file is not
/// trusted: whatever the format does not allow, or ``GGUFLimits`` does not, is refused before anything is allocated for
/// it. Format: ggml/docs/gguf.md, versions 2 and 3, little endian.
package final class GGUFFile: Sendable {
    /// Everything but the tensors' data.
    package let header: GGUFHeader
    /// The path the file was opened with.
    package var path: String { header.path }
    /// The format's version, 2 or 3.
    package var version: UInt32 { header.version }
    /// The metadata in the file's order.
    package var metadata: GGUFMetadata { header.metadata }
    /// The tensors in the table's order.
    package var tensors: [GGUFTensor] { header.tensors }
    /// Alignment of the tensors in bytes.
    package var alignment: Int { header.alignment }
    /// Bytes from the start of the file to the tensor data.
    package var tensorDataOffset: Int { header.tensorTable.dataOffset }
    /// The file's size in bytes.
    package var sizeBytes: Int { file.bytes.count }

    private let file: MappedFile

    /// Maps the file at `path` and reads its header.
    ///
    /// - Throws: ``GGUFError/unreadable(path:reason:)`` when there is no such regular, readable, non-empty file;
    ///   ``GGUFError/malformed(path:offset:field:found:allowed:)`` when its header is not a valid GGUF header.
    package init(path: String) throws(GGUFError) {
        let file = try MappedFile(path: path)
        header = try GGUFHeader(bytes: file.bytes, path: path)
        self.file = file
    }

    /// The tensor with this name, nil when the file has none.
    package func tensor(named name: String) -> GGUFTensor? {
        header.tensor(named: name)
    }

    /// The tensor with this name, for a model that cannot do without it.
    ///
    /// - Throws: ``GGUFError/missingTensor(path:name:)``; ``GGUFError/unsupportedTensorType(path:tensor:type:)`` when
    ///   nothing here computes with its type.
    package func requireTensor(named name: String) throws(GGUFError) -> GGUFTensor {
        guard let tensor = tensor(named: name) else { throw .missingTensor(path: path, name: name) }
        guard tensor.type.isSupported else {
            throw .unsupportedTensorType(path: path, tensor: name, type: tensor.type)
        }
        return tensor
    }

    /// The data of one of this file's tensors, `tensor.byteCount` bytes, aligned to at least 8.
    ///
    /// Valid as long as this object lives: keep it, or use ``withBytes(of:_:)``.
    package func bytes(of tensor: GGUFTensor) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: file.bytes[tensor.offset..<tensor.offset + tensor.byteCount])
    }

    /// Calls `body` with the data of one of this file's tensors; the pointer must not leave `body`.
    package func withBytes<Result, Failure: Error>(
        of tensor: GGUFTensor, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        // Written out: withExtendedLifetime does not pass typed errors on.
        defer { withExtendedLifetime(self) {} }
        return try body(bytes(of: tensor))
    }

    /// Gives up the memory that reading a tensor has taken, once it has been copied: a later read brings it back.
    package func releasePages(of tensor: GGUFTensor) {
        file.releasePages(tensor.offset..<tensor.offset + tensor.byteCount)
    }
}

/// One entry of a GGUF file's tensor table, checked to lie inside the file.
package struct GGUFTensor: Sendable, Equatable {
    /// The tensor's name, unique in its file, e.g. `blk.0.attn_q.weight`.
    package let name: String
    /// How its elements are stored.
    package let type: GGUFTensorType
    /// One to four dimensions in GGUF order: `shape[0]` is the length of a contiguous row.
    package let shape: [Int]
    /// Bytes from the start of the file to the first element; a multiple of the file's alignment from the start of
    /// the tensor data.
    package let offset: Int
    /// Bytes the elements take.
    package let byteCount: Int

    /// Elements in one contiguous row.
    package var rowLength: Int { shape.first ?? 0 }

    /// Rows: the product of all dimensions but the first.
    package var rowCount: Int { shape.dropFirst().reduce(1, *) }

    /// Elements in the tensor. Cannot overflow: the reader has checked the product.
    package var elementCount: Int { rowLength * rowCount }

    /// Bytes of one row.
    package var rowByteCount: Int { rowLength / type.blockSize * type.blockByteCount }
}

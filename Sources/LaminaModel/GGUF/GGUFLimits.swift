/// What the GGUF reader accepts from a file it does not trust.
///
/// Every limit stands well above what published models need and well below what could hurt the process; a file
/// beyond one of them is refused with a ``GGUFError`` that names the limit.
package enum GGUFLimits {
    /// Format versions the reader understands: 2 and 3 (version 1 used 32-bit lengths and has disappeared).
    package static let versions: ClosedRange<UInt32> = 2...3

    /// Bytes in which header, metadata and tensor table must end: 256 MiB. The largest known (a 35 MB embedded
    /// `tokenizer.json` beside 262 144 tokens) need a fifth of it. Bounds the memory that metadata can take.
    package static let headerBytes = 256 << 20

    /// The size of a file of which only the header is read: a pebibyte, so that sums of sizes cannot overflow.
    package static let plannedFileBytes = 1 << 50

    /// Metadata entries in one file. Published models have 20 to 100.
    package static let metadataCount = 65_536

    /// Tensors in one file. The largest published models have about 2 000 per file.
    package static let tensorCount = 65_536

    /// Bytes in a metadata key: the specification's 2^16 - 1.
    package static let keyBytes = 65_535

    /// Bytes in one metadata string: 64 MiB, for embedded `tokenizer.json` files.
    package static let stringBytes = 64 << 20

    /// Elements in one metadata array: 16 777 216. Published vocabularies reach 262 144 tokens and 514 906 merges.
    package static let arrayElements = 1 << 24

    /// Arrays inside arrays: at most four levels. Published models use one.
    package static let arrayNesting = 4

    /// Bytes in a tensor's name: the specification's 64.
    package static let tensorNameBytes = 64

    /// Dimensions of a tensor: ggml has at most four.
    package static let dimensions: ClosedRange<UInt32> = 1...4

    /// Alignment of tensor data in bytes when `general.alignment` is absent.
    package static let defaultAlignment = 32

    /// Alignment of tensor data in bytes: a power of two in this range (so a multiple of 8, as specified).
    package static let alignments: ClosedRange<Int> = 8...65_536
}

import CZlib

/// Compresses to one gzip member (RFC 1952), piece by piece.
package final class GzipEncoder {
    /// What memory is spent on.
    package enum Purpose: Sendable {
        /// A body at hand as a whole: 256 KiB while it is compressed.
        case wholeBody
        /// A stream that may stay open for long: 32 KiB. Its window of 4 KiB covers the events before, which an event resembles
        /// most: 500 events of a chat become 4 % larger than with all memory.
        case stream

        /// Base-2 logarithm of the window in bytes, and zlib's measure of its tables.
        fileprivate var sizes: (window: Int32, tables: Int32) {
            switch self {
            case .wholeBody: (15, 8)
            case .stream: (12, 5)
            }
        }
    }

    private let zlib: ZlibStream

    /// - Parameter level: 1 (fastest) to 9.
    /// - Throws: `GzipError.unavailable`.
    package init(level: Int, for purpose: Purpose) throws(GzipError) {
        let sizes = purpose.sizes
        zlib = try ZlibStream(
            setUp: {
                // 16 more than the window asks for gzip's header and trailer instead of zlib's.
                deflateInit2_(
                    $0, Int32(level), Z_DEFLATED, 16 + sizes.window, sizes.tables, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                    Int32(MemoryLayout<z_stream>.size))
            }, end: { deflateEnd($0) })
    }

    /// Compresses a piece. With `flush` the reader can expand all of it from what has been returned (`Z_SYNC_FLUSH`).
    /// - Throws: `GzipError.unavailable`; nothing may be encoded afterwards.
    package func encode(_ piece: ArraySlice<UInt8>, flush: Bool) throws(GzipError) -> [UInt8] {
        try deflate(piece, mode: flush ? Z_SYNC_FLUSH : Z_NO_FLUSH)
    }

    /// The rest of the data. Nothing may be encoded afterwards.
    /// - Throws: `GzipError.unavailable`.
    package func finish() throws(GzipError) -> [UInt8] { try deflate([], mode: Z_FINISH) }

    private func deflate(_ piece: ArraySlice<UInt8>, mode: Int32) throws(GzipError) -> [UInt8] {
        var result: [UInt8] = []
        var failure: Int32?
        zlib.run(piece, step: { CZlib.deflate($0, mode) }) { output, status, _ in
            result.append(contentsOf: output)
            // Z_BUF_ERROR: there was nothing left to do.
            if status != Z_OK, status != Z_STREAM_END, status != Z_BUF_ERROR { failure = status }
            // Output that leaves room means that all input has been taken, and flushed where that was asked for.
            return failure == nil && output.count == CompressionLimits.outputBytes ? .more : .done
        }
        if let failure { throw .unavailable(status: failure) }
        return result
    }
}

import CZlib

/// Expands gzip data (RFC 1952), piece by piece, up to a limit.
package final class GzipDecoder {
    private enum Place {
        case beforeFirstMember
        case insideMember
        case afterMember
    }

    private let zlib: ZlibStream
    private let limitBytes: Int
    private var total = 0
    private var place = Place.beforeFirstMember

    /// - Parameter limitBytes: the most bytes to expand to: a few kilobytes can hold gigabytes.
    /// - Throws: `GzipError.unavailable`.
    package init(limitBytes: Int) throws(GzipError) {
        self.limitBytes = limitBytes
        zlib = try ZlibStream(
            setUp: { inflateInit2_($0, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) },
            end: { inflateEnd($0) })
    }

    /// Expands a piece. Several members one after another are one text (RFC 1952 §2.2).
    ///
    /// - Throws: `GzipError.corrupt`; `.tooLarge` as soon as the limit is passed. Nothing may be decoded afterwards.
    package func decode(_ piece: ArraySlice<UInt8>) throws(GzipError) -> [UInt8] {
        guard !piece.isEmpty else { return [] }
        var result: [UInt8] = []
        var failure: GzipError?
        zlib.run(piece, step: inflateMember) { output, status, inputLeft in
            total += output.count
            if total > limitBytes {
                failure = .tooLarge(limitBytes: limitBytes)
            } else {
                result.append(contentsOf: output)
                failure = error(status)
            }
            let isFull = output.count == CompressionLimits.outputBytes
            return failure == nil && (inputLeft > 0 || isFull && place == .insideMember) ? .more : .done
        }
        if let failure { throw failure }
        return result
    }

    /// - Throws: `GzipError.truncated` where the data decoded so far do not end with a whole member.
    package func finish() throws(GzipError) {
        if place != .afterMember { throw .truncated }
    }

    /// Expands a whole body. Other tasks have their turn now and then.
    ///
    /// - Throws: `GzipError`, `.tooLarge` as soon as there are more than `limitBytes`.
    static func expand(_ body: [UInt8], limitBytes: Int) async throws(GzipError) -> [UInt8] {
        let decoder = try GzipDecoder(limitBytes: limitBytes)
        var result: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            result += try decoder.decode(rest.prefix(CompressionLimits.expandedSliceBytes))
            rest = rest.dropFirst(CompressionLimits.expandedSliceBytes)
            await Task.yield()
        }
        try decoder.finish()
        return result
    }

    private func inflateMember(_ state: UnsafeMutablePointer<z_stream>) -> Int32 {
        if place == .afterMember {
            let status = inflateReset(state)
            guard status == Z_OK else { return status }
        }
        let status = inflate(state, Z_NO_FLUSH)
        place = status == Z_STREAM_END ? .afterMember : .insideMember
        return status
    }

    private func error(_ status: Int32) -> GzipError? {
        switch status {
        // Z_BUF_ERROR: there was nothing left to do.
        case Z_OK, Z_STREAM_END, Z_BUF_ERROR: nil
        case Z_MEM_ERROR, Z_STREAM_ERROR: .unavailable(status: status)
        default: .corrupt(reason: zlib.message)
        }
    }
}

/// Bytes received and not yet consumed, with a memory of how far the search for a line end has come, so that a line
/// arriving byte by byte is not scanned again and again.
struct LineBuffer {
    private var bytes: [UInt8] = []
    private var start = 0
    private var scanned = 0

    /// Consumed bytes are moved out of the way once there are this many.
    private static let compactionThreshold = 64 * 1024

    var count: Int { bytes.count - start }
    var isEmpty: Bool { start == bytes.count }
    var first: UInt8? { isEmpty ? nil : bytes[start] }

    mutating func append(_ new: [UInt8]) {
        if isEmpty {
            // Taking over the array saves the copy, and nearly every read finds the buffer empty.
            bytes = new
            start = 0
            scanned = 0
            return
        }
        if start >= Self.compactionThreshold {
            bytes.removeSubrange(..<start)
            scanned -= start
            start = 0
        }
        bytes.append(contentsOf: new)
    }

    /// The number of bytes up to and including the next LF, or nil while there is none.
    private mutating func lineLength() -> Int? {
        guard let end = indexOfLineFeed(from: max(scanned, start)) else {
            scanned = bytes.count
            return nil
        }
        scanned = end
        return end + 1 - start
    }

    /// A line without its end, or nil while it is incomplete. Too long is too long whether complete or not.
    mutating func takeLine(limit: Int, else error: RequestError) throws(RequestError) -> ArraySlice<UInt8>? {
        guard let length = lineLength() else {
            // At least the LF is still to come.
            guard count < limit else { throw error }
            return nil
        }
        guard length <= limit else { throw error }
        return try takeLine(length: length)
    }

    /// Takes a line of that many bytes out and returns it without its CR LF.
    private mutating func takeLine(length: Int) throws(RequestError) -> ArraySlice<UInt8> {
        let line = take(length)
        let end = line.endIndex - 2
        guard line.count >= 2, line[end] == HTTPGrammar.carriageReturn else { throw .bareLineFeed }
        return line[..<end]
    }

    /// Takes up to that many bytes out.
    mutating func take(_ maximum: Int) -> ArraySlice<UInt8> {
        let end = start + min(maximum, count)
        let taken = bytes[start..<end]
        start = end
        // An idle connection keeps nothing of its last request.
        if isEmpty { (bytes, start, scanned) = ([], 0, 0) }
        return taken
    }

    private func indexOfLineFeed(from first: Int) -> Int? {
        let span = bytes.span
        var index = first
        while index < span.count {
            if span[index] == HTTPGrammar.lineFeed { return index }
            index += 1
        }
        return nil
    }
}

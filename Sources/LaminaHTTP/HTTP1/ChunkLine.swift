/// The line that opens a chunk: `chunk-size [ chunk-ext ]` (RFC 9112 §7.1).
struct ChunkLine: Equatable {
    /// Bytes of data that follow; zero opens the trailers.
    let size: Int
    /// Bytes on the wire that are no data: this line and the ends of it and of the data.
    let framingBytes: Int

    /// Parses a line without its CR LF. `received` counts the body bytes of earlier chunks.
    init(_ line: ArraySlice<UInt8>, received: Int, limits: HTTPLimits) throws(RequestError) {
        // Far below Int.max, so that one more digit cannot overflow.
        let limit = min(limits.bodyBytes - received, Int.max >> 5)
        var size = 0
        var index = line.startIndex
        while index < line.endIndex, let digit = HTTPGrammar.hexadecimalValue(line[index]) {
            size = size * 16 + digit
            guard size <= limit else { throw .bodyTooLarge(limitBytes: limits.bodyBytes) }
            index += 1
        }
        guard index > line.startIndex else { throw .malformedChunkSize }
        self.size = size
        self.framingBytes = line.count + 4
        // RFC 9112 §7.1.1 allows whitespace before the semicolon of an extension, nowhere else.
        let rest = line[index...].drop(while: HTTPGrammar.isWhitespace)
        guard index == line.endIndex || rest.first == UInt8(ascii: ";") else { throw .malformedChunkSize }
        guard rest.allSatisfy(HTTPGrammar.isFieldValueCharacter) else { throw .malformedChunkSize }
    }
}

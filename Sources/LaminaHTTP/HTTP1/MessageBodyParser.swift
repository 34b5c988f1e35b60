import HTTPTypes

/// Takes a body out of the bytes that follow a head (RFC 9112 §6 and §7): the same for requests and responses.
struct MessageBodyParser: Sendable {
    enum Step {
        /// A piece of the body with the chunked coding taken off, never empty.
        case piece(ArraySlice<UInt8>)
        /// The body is complete.
        case end(trailers: HTTPFields)
        case needsBytes
    }

    private enum State {
        case fixed(remaining: Int)
        case untilClose(received: Int)
        case chunkLine
        case chunkData(remaining: Int)
        case chunkDataEnd
        case trailers(FieldSectionParser)
    }

    private let limits: HTTPLimits
    private var state: State
    private var bodyBytes = 0
    /// Bytes of framing that the data of all chunks so far do not account for.
    private var framingDebt = 0

    /// Bytes of framing that a byte of data accounts for: chunks of three bytes and more need no allowance.
    private static let framingBytesPerByte = 2

    /// A body of `length` bytes; with 0 it is complete at once.
    static func fixed(_ length: Int, limits: HTTPLimits) -> MessageBodyParser {
        MessageBodyParser(.fixed(remaining: length), limits)
    }

    /// A body in chunks.
    static func chunked(limits: HTTPLimits) -> MessageBodyParser { MessageBodyParser(.chunkLine, limits) }

    /// A body that the end of the connection ends; it never ends by itself.
    static func untilClose(limits: HTTPLimits) -> MessageBodyParser {
        MessageBodyParser(.untilClose(received: 0), limits)
    }

    private init(_ state: State, _ limits: HTTPLimits) {
        self.state = state
        self.limits = limits
    }

    /// What the buffered bytes hold next.
    mutating func next(from buffer: inout LineBuffer) throws(RequestError) -> Step {
        while true {
            switch state {
            case .fixed(remaining: 0): return .end(trailers: HTTPFields())
            case .fixed(let remaining):
                guard let piece = take(remaining, from: &buffer) else { return .needsBytes }
                state = .fixed(remaining: remaining - piece.count)
                return .piece(piece)
            case .untilClose(let received):
                guard let piece = take(.max, from: &buffer) else { return .needsBytes }
                guard piece.count <= limits.bodyBytes - received else {
                    throw .bodyTooLarge(limitBytes: limits.bodyBytes)
                }
                state = .untilClose(received: received + piece.count)
                return .piece(piece)
            case .chunkLine:
                guard try readChunkLine(from: &buffer) else { return .needsBytes }
            case .chunkData(let remaining):
                guard let piece = take(remaining, from: &buffer) else { return .needsBytes }
                state = piece.count == remaining ? .chunkDataEnd : .chunkData(remaining: remaining - piece.count)
                return .piece(piece)
            case .chunkDataEnd:
                guard try readChunkDataEnd(from: &buffer) else { return .needsBytes }
            case .trailers(var parser):
                let fields = try parser.next(from: &buffer)
                state = .trailers(parser)
                guard let fields else { return .needsBytes }
                return .end(trailers: try Self.checked(fields))
            }
        }
    }

    private func take(_ maximum: Int, from buffer: inout LineBuffer) -> ArraySlice<UInt8>? {
        buffer.isEmpty ? nil : buffer.take(maximum)
    }

    private mutating func readChunkLine(from buffer: inout LineBuffer) throws(RequestError) -> Bool {
        guard let line = try buffer.takeLine(limit: limits.chunkLineBytes, else: .malformedChunkSize) else {
            return false
        }
        let chunk = try ChunkLine(line, received: bodyBytes, limits: limits)
        bodyBytes += chunk.size
        framingDebt = max(0, framingDebt + chunk.framingBytes - Self.framingBytesPerByte * chunk.size)
        guard framingDebt <= limits.chunkFramingBytes else {
            throw .chunkFramingTooLarge(limitBytes: limits.chunkFramingBytes)
        }
        state = chunk.size == 0 ? .trailers(.trailers(limits)) : .chunkData(remaining: chunk.size)
        return true
    }

    private mutating func readChunkDataEnd(from buffer: inout LineBuffer) throws(RequestError) -> Bool {
        guard let first = buffer.first else { return false }
        guard first == HTTPGrammar.carriageReturn else { throw .malformedChunkEnd }
        guard buffer.count > 1 else { return false }
        guard buffer.take(2).last == HTTPGrammar.lineFeed else { throw .malformedChunkEnd }
        state = .chunkLine
        return true
    }

    /// RFC 9110 §6.5.1: framing and routing fields must not come after the body they frame.
    private static func checked(_ trailers: HTTPFields) throws(RequestError) -> HTTPFields {
        for field in trailers
        where ["content-length", "transfer-encoding", "host"].contains(field.name.canonicalName) {
            throw .forbiddenTrailer(name: field.name.rawName)
        }
        return trailers
    }
}

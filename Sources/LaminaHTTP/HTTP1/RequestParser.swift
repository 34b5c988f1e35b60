// The request parser of HTTP/1.0 and HTTP/1.1 (RFC 9112), without any I/O: bytes are fed in, events come out. How the bytes
// were cut into pieces never changes the events, nor which error is found: limits are compared before a line is looked at.

import HTTPTypes

/// Turns the bytes of a connection into requests, one after another.
///
/// Call `feed` with what was read and `next` until it returns nil. After `.end` the following call already looks at the
/// next request, so a server that answers in order calls `next` again only when the answer is written.
package struct RequestParser: Sendable {
    private enum State {
        case requestLine
        case fields(RequestLine)
        case body(remaining: Int)
        case chunkLine
        case chunkData(remaining: Int)
        case chunkDataEnd
        case trailers
        case complete(trailers: HTTPFields)
        case failed(RequestError)
    }

    private let limits: HTTPLimits
    private var buffer = LineBuffer()
    private var state = State.requestLine
    private var emptyLines = 0
    private var fields = HTTPFields()
    private var fieldBytes = 0
    private var bodyBytes = 0
    private var extensionBytes = 0

    /// A parser at the beginning of a connection.
    package init(limits: HTTPLimits) {
        self.limits = limits
    }

    /// Bytes fed and not yet turned into events.
    package var bufferedBytes: Int { buffer.count }

    /// Whether a request has begun and its end has not been returned; empty lines do not begin one.
    package var isInsideRequest: Bool {
        if case .requestLine = state { return !buffer.isEmpty }
        return true
    }

    /// Takes bytes from the connection.
    package mutating func feed(_ bytes: [UInt8]) {
        buffer.append(bytes)
    }

    /// The next event, or nil until more bytes are fed. After an error every further call throws it again.
    package mutating func next() throws(RequestError) -> RequestEvent? {
        do {
            while true {
                switch try step() {
                case .event(let event): return event
                case .proceed: continue
                case .needsBytes: return nil
                }
            }
        } catch {
            state = .failed(error)
            throw error
        }
    }

    private enum Step {
        case event(RequestEvent)
        case proceed
        case needsBytes
    }

    private mutating func step() throws(RequestError) -> Step {
        switch state {
        case .requestLine: return try readRequestLine()
        case .fields(let line): return try readField(after: line)
        case .body(let remaining): return readBody(remaining)
        case .chunkLine: return try readChunkLine()
        case .chunkData(let remaining): return readChunkData(remaining)
        case .chunkDataEnd: return try readChunkDataEnd()
        case .trailers: return try readTrailer()
        case .complete(let trailers):
            state = .requestLine
            emptyLines = 0
            return .event(.end(trailers: trailers))
        case .failed(let error): throw error
        }
    }
}

// MARK: Head

extension RequestParser {
    private mutating func readRequestLine() throws(RequestError) -> Step {
        guard let first = buffer.first else { return .needsBytes }
        let beginsEmptyLine = first == HTTPGrammar.carriageReturn || first == HTTPGrammar.lineFeed
        // Told at once, or a TLS handshake sent to a plain port would wait for its time-out.
        guard beginsEmptyLine || HTTPGrammar.isTokenCharacter(first) else { throw .notHTTP(firstByte: first) }
        guard let line = try takeLine(limit: limits.requestLineBytes, else: requestLineTooLong) else {
            return .needsBytes
        }
        if line.isEmpty {
            emptyLines += 1
            guard emptyLines <= limits.leadingEmptyLines else {
                throw .tooManyEmptyLines(limit: limits.leadingEmptyLines)
            }
            return .proceed
        }
        fields = HTTPFields()
        fieldBytes = 0
        bodyBytes = 0
        extensionBytes = 0
        state = .fields(try RequestLine(line))
        return .proceed
    }

    private var requestLineTooLong: RequestError { .requestLineTooLong(limitBytes: limits.requestLineBytes) }

    private mutating func readField(after requestLine: RequestLine) throws(RequestError) -> Step {
        let room = limits.headerBytes - fieldBytes
        let tooLarge = RequestError.headersTooLarge(limitBytes: limits.headerBytes)
        guard let line = try takeLine(limit: room, else: tooLarge) else { return .needsBytes }
        fieldBytes += line.count + 2
        if line.isEmpty {
            let head = try RequestHead(line: requestLine, fields: fields, limits: limits)
            fields = HTTPFields()
            switch head.framing {
            case .none: state = .complete(trailers: HTTPFields())
            case .fixed(let length): state = .body(remaining: length)
            case .chunked: state = .chunkLine
            }
            return .event(.head(head))
        }
        guard fields.count < limits.headerCount else { throw .tooManyHeaders(limit: limits.headerCount) }
        fields.append(try FieldLine.parse(line))
        return .proceed
    }

    /// A line without its end, or nil while it is incomplete. Too long is too long whether complete or not.
    private mutating func takeLine(
        limit: Int, else error: RequestError
    ) throws(RequestError) -> ArraySlice<UInt8>? {
        guard let length = buffer.lineLength() else {
            // At least the LF is still to come.
            guard buffer.count < limit else { throw error }
            return nil
        }
        guard length <= limit else { throw error }
        return try buffer.takeLine(length: length)
    }
}

// MARK: Body

extension RequestParser {
    private mutating func readBody(_ remaining: Int) -> Step {
        guard !buffer.isEmpty else { return .needsBytes }
        let piece = buffer.take(remaining)
        state = piece.count == remaining ? .complete(trailers: HTTPFields()) : .body(remaining: remaining - piece.count)
        return .event(.body(piece))
    }

    private mutating func readChunkLine() throws(RequestError) -> Step {
        guard let line = try takeLine(limit: limits.chunkLineBytes, else: .malformedChunkSize) else {
            return .needsBytes
        }
        let chunk = try ChunkLine(line, received: bodyBytes, limits: limits)
        bodyBytes += chunk.size
        extensionBytes += chunk.extensionBytes
        guard extensionBytes <= limits.chunkExtensionBytes else {
            throw .chunkExtensionsTooLarge(limitBytes: limits.chunkExtensionBytes)
        }
        fieldBytes = 0
        state = chunk.size == 0 ? .trailers : .chunkData(remaining: chunk.size)
        return .proceed
    }

    private mutating func readChunkData(_ remaining: Int) -> Step {
        guard !buffer.isEmpty else { return .needsBytes }
        let piece = buffer.take(remaining)
        state = piece.count == remaining ? .chunkDataEnd : .chunkData(remaining: remaining - piece.count)
        return .event(.body(piece))
    }

    private mutating func readChunkDataEnd() throws(RequestError) -> Step {
        guard let first = buffer.first else { return .needsBytes }
        guard first == HTTPGrammar.carriageReturn else { throw .malformedChunkEnd }
        guard buffer.count > 1 else { return .needsBytes }
        guard buffer.take(2).last == HTTPGrammar.lineFeed else { throw .malformedChunkEnd }
        state = .chunkLine
        return .proceed
    }

    private mutating func readTrailer() throws(RequestError) -> Step {
        let tooLarge = RequestError.trailersTooLarge(limitBytes: limits.trailerBytes, limitCount: limits.trailerCount)
        guard let line = try takeLine(limit: limits.trailerBytes - fieldBytes, else: tooLarge) else {
            return .needsBytes
        }
        fieldBytes += line.count + 2
        if line.isEmpty {
            state = .complete(trailers: fields)
            fields = HTTPFields()
            return .proceed
        }
        guard fields.count < limits.trailerCount else { throw tooLarge }
        let field = try FieldLine.parse(line)
        // RFC 9110 §6.5.1: framing and routing fields must not come after the body they frame.
        if ["content-length", "transfer-encoding", "host"].contains(field.name.canonicalName) {
            throw .forbiddenTrailer(name: field.name.rawName)
        }
        fields.append(field)
        return .proceed
    }
}

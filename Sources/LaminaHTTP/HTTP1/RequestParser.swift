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
        case body
        case failed(RequestError)
    }

    private let limits: HTTPLimits
    private var buffer = LineBuffer()
    private var state = State.requestLine
    private var emptyLines = 0
    private var fields: FieldSectionParser
    private var body: MessageBodyParser
    /// The request line of the request being read, for answers to what is refused after it; nil before it is complete.
    private(set) var requestLine: RequestLine?
    /// The fields of the request being read, once all of them are there, whether or not they are acceptable.
    private(set) var requestFields = HTTPFields()

    /// A parser at the beginning of a connection.
    package init(limits: HTTPLimits) {
        self.limits = limits
        fields = .headers(limits)
        body = .fixed(0, limits: limits)
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
        case .fields(let line): return try readFields(after: line)
        case .body: return try readBody()
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
        guard let line = try buffer.takeLine(limit: limits.requestLineBytes, else: requestLineTooLong) else {
            return .needsBytes
        }
        if line.isEmpty {
            emptyLines += 1
            guard emptyLines <= limits.leadingEmptyLines else {
                throw .tooManyEmptyLines(limit: limits.leadingEmptyLines)
            }
            return .proceed
        }
        fields = .headers(limits)
        let requestLine = try RequestLine(line)
        self.requestLine = requestLine
        state = .fields(requestLine)
        return .proceed
    }

    private var requestLineTooLong: RequestError { .requestLineTooLong(limitBytes: limits.requestLineBytes) }

    private mutating func readFields(after requestLine: RequestLine) throws(RequestError) -> Step {
        guard let fields = try self.fields.next(from: &buffer) else { return .needsBytes }
        requestFields = fields
        let head = try RequestHead(line: requestLine, fields: fields, limits: limits)
        switch head.framing {
        case .none: body = .fixed(0, limits: limits)
        case .fixed(let length): body = .fixed(length, limits: limits)
        case .chunked: body = .chunked(limits: limits)
        }
        state = .body
        return .event(.head(head))
    }

    private mutating func readBody() throws(RequestError) -> Step {
        switch try body.next(from: &buffer) {
        case .piece(let bytes): return .event(.body(bytes))
        case .needsBytes: return .needsBytes
        case .end(let trailers):
            state = .requestLine
            requestLine = nil
            requestFields = HTTPFields()
            emptyLines = 0
            return .event(.end(trailers: trailers))
        }
    }
}

// The response parser of HTTP/1.0 and HTTP/1.1 (RFC 9112), without any I/O: bytes are fed in, events come out. How the bytes
// were cut into pieces never changes the events, nor which error is found.

package import HTTPTypes

/// Turns the bytes of a connection into responses, one for each request sent.
///
/// Call `begin` before each response, `feed` with what was read, and `next` until it returns nil.
package struct ResponseParser: Sendable {
    private enum State {
        case statusLine
        case fields(StatusLine)
        case body(isEndedByClose: Bool)
        case complete
        case failed(ResponseFault)
    }

    private let limits: HTTPClientLimits
    private var buffer = LineBuffer()
    private var state = State.complete
    private var method = HTTPRequest.Method.get
    private var interimResponses = 0
    private var fields: FieldSectionParser
    private var body: MessageBodyParser

    /// A parser at the beginning of a connection.
    package init(limits: HTTPClientLimits) {
        self.limits = limits
        fields = .headers(limits.message)
        body = .fixed(0, limits: limits.message)
    }

    /// Bytes fed and not yet turned into events. More than none after `.end` were sent unasked.
    package var bufferedBytes: Int { buffer.count }

    /// Expects the response to a request of this method, which decides whether a body follows.
    package mutating func begin(responseTo method: HTTPRequest.Method) {
        self.method = method
        interimResponses = 0
        state = .statusLine
    }

    /// Takes bytes from the connection.
    package mutating func feed(_ bytes: [UInt8]) {
        buffer.append(bytes)
    }

    /// The next event, or nil until more bytes are fed. After an error every further call throws it again.
    package mutating func next() throws(ResponseFault) -> ResponseEvent? {
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

    /// The connection ended: completes a body that this ends. Call it when `next` returns nil.
    package mutating func endOfStream() throws(ResponseFault) -> ResponseEvent {
        switch state {
        case .body(isEndedByClose: true):
            state = .complete
            return .end(trailers: HTTPFields())
        case .failed(let fault): throw fault
        default:
            state = .failed(.truncated)
            throw .truncated
        }
    }

    private enum Step {
        case event(ResponseEvent)
        case proceed
        case needsBytes
    }

    private mutating func step() throws(ResponseFault) -> Step {
        switch state {
        case .statusLine: return try readStatusLine()
        case .fields(let line): return try readFields(after: line)
        case .body: return try readBody()
        case .complete: return .needsBytes
        case .failed(let fault): throw fault
        }
    }

    private mutating func readStatusLine() throws(ResponseFault) -> Step {
        guard let first = buffer.first else { return .needsBytes }
        // Told at once, or the alert of a TLS port would wait for a time-out.
        guard first == UInt8(ascii: "H") else { throw .notHTTP(firstByte: first) }
        let line: ArraySlice<UInt8>?
        do {
            line = try buffer.takeLine(limit: limits.statusLineBytes, else: .headersTooLarge(limitBytes: 0))
        } catch {
            throw error == .bareLineFeed
                ? ResponseFault(error) : .statusLineTooLong(limitBytes: limits.statusLineBytes)
        }
        guard let line else { return .needsBytes }
        fields = .headers(limits.message)
        state = .fields(try StatusLine(line))
        return .proceed
    }

    private mutating func readFields(after line: StatusLine) throws(ResponseFault) -> Step {
        guard let fields = try Self.asFault({ () throws(RequestError) in try self.fields.next(from: &buffer) }) else {
            return .needsBytes
        }
        if line.status.kind == .informational {
            guard line.status.code != 101 else { throw .unexpectedUpgrade }
            interimResponses += 1
            guard interimResponses <= limits.interimResponses else {
                throw .tooManyInterimResponses(limit: limits.interimResponses)
            }
            state = .statusLine
            return .proceed
        }
        let framing = try framing(of: line, fields)
        switch framing {
        case .fixed(let length): body = .fixed(length, limits: limits.message)
        case .chunked: body = .chunked(limits: limits.message)
        case .untilClose: body = .untilClose(limits: limits.message)
        }
        state = .body(isEndedByClose: framing == .untilClose)
        let options = fields.listElements(.connection)
        let isKept = line.version == .http1_1 ? !options.contains("close") : options.contains("keep-alive")
        return .event(
            .head(
                ResponseHead(
                    status: line.status, fields: fields, framing: framing,
                    keepsAlive: isKept && framing != .untilClose)))
    }

    /// RFC 9112 §6.3, in its order.
    private func framing(of line: StatusLine, _ fields: HTTPFields) throws(ResponseFault) -> ResponseBodyFraming {
        if method == .head || line.status == .noContent || line.status == .notModified { return .fixed(0) }
        // Whatever such a response says of a body, a tunnel begins behind its head.
        if method == .connect, line.status.kind == .successful { return .fixed(0) }
        guard fields.contains(.transferEncoding) || fields.contains(.contentLength) else { return .untilClose }
        let version = line.version
        switch try Self.asFault({ () throws(RequestError) in
            try BodyFraming(fields: fields, version: version, limits: limits.message)
        }) {
        case .none: return .fixed(0)
        case .fixed(let length): return .fixed(length)
        case .chunked: return .chunked
        }
    }

    private mutating func readBody() throws(ResponseFault) -> Step {
        switch try Self.asFault({ () throws(RequestError) in try body.next(from: &buffer) }) {
        case .piece(let bytes): return .event(.body(bytes))
        case .needsBytes: return .needsBytes
        case .end(let trailers):
            state = .complete
            return .event(.end(trailers: trailers))
        }
    }

    private static func asFault<Value>(_ parse: () throws(RequestError) -> Value) throws(ResponseFault) -> Value {
        do { return try parse() } catch { throw ResponseFault(error) }
    }
}

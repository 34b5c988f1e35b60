import HTTPTypes
import Testing

@testable import LaminaHTTP

/// What a response parser made of some bytes, however they were cut.
struct ParsedResponse: Equatable {
    var head: ResponseHead?
    var body: [UInt8] = []
    var trailers: HTTPFields?
    var fault: ResponseFault?
    /// Bytes behind the response.
    var rest = 0

    var text: String { String(decoding: body, as: UTF8.self) }

    /// - Parameter isClosed: whether the connection ends behind the bytes.
    init(
        _ pieces: [ArraySlice<UInt8>], method: HTTPRequest.Method = .get, limits: HTTPClientLimits = HTTPClientLimits(),
        isClosed: Bool = false
    ) {
        var parser = ResponseParser(limits: limits)
        parser.begin(responseTo: method)
        do {
            for piece in pieces {
                parser.feed(Array(piece))
                while let event = try parser.next() { take(event) }
            }
            if isClosed, trailers == nil { take(try parser.endOfStream()) }
        } catch {
            fault = error
        }
        rest = parser.bufferedBytes
    }

    private mutating func take(_ event: ResponseEvent) {
        switch event {
        case .head(let head): self.head = head
        case .body(let bytes): body += bytes
        case .end(let trailers): self.trailers = trailers
        }
    }

    /// Parses the text whole, byte by byte, and cut in two at every place; all must give the same.
    static func everyWay(
        _ text: String, method: HTTPRequest.Method = .get, limits: HTTPClientLimits = HTTPClientLimits(),
        isClosed: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) -> ParsedResponse {
        let bytes = Array(text.utf8)
        func parse(_ pieces: [ArraySlice<UInt8>]) -> ParsedResponse {
            var parsed = ParsedResponse(pieces, method: method, limits: limits, isClosed: isClosed)
            // Where an error is found, how much lies behind it depends on how much was fed.
            if parsed.fault != nil { parsed.rest = 0 }
            return parsed
        }
        let whole = parse([bytes[...]])
        #expect(parse(bytes.indices.map { bytes[$0...$0] }) == whole, "byte by byte", sourceLocation: sourceLocation)
        for cut in stride(from: 1, to: bytes.count, by: max(1, bytes.count / 400)) {
            #expect(
                parse([bytes[..<cut], bytes[cut...]]) == whole, "cut after \(cut) bytes", sourceLocation: sourceLocation
            )
        }
        return whole
    }
}

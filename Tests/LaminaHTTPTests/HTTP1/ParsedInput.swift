import HTTPTypes
import Testing

@testable import LaminaHTTP

/// What a parser made of some bytes, however they were cut.
struct ParsedInput: Equatable {
    struct Request: Equatable {
        var head: RequestHead
        var body: [UInt8] = []
        var trailers: HTTPFields?
    }

    var requests: [Request] = []
    var error: RequestError?

    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits = HTTPLimits()) {
        var parser = RequestParser(limits: limits)
        do {
            for piece in pieces {
                parser.feed(Array(piece))
                while let event = try parser.next() { take(event) }
            }
        } catch {
            self.error = error
        }
    }

    private mutating func take(_ event: RequestEvent) {
        switch event {
        case .head(let head): requests.append(Request(head: head))
        case .body(let bytes): requests[requests.count - 1].body += bytes
        case .end(let trailers): requests[requests.count - 1].trailers = trailers
        }
    }

    /// Parses the text whole, byte by byte, and cut in two at every place; all must give the same.
    static func everyWay(
        _ text: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) -> ParsedInput {
        everyWay(Array(text.utf8), limits: limits, sourceLocation: sourceLocation)
    }

    /// As above, of bytes that need not be text.
    static func everyWay(
        _ bytes: [UInt8], limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) -> ParsedInput {
        let whole = ParsedInput([bytes[...]], limits: limits)
        let single = ParsedInput(bytes.indices.map { bytes[$0...$0] }, limits: limits)
        #expect(single == whole, "byte by byte", sourceLocation: sourceLocation)
        // Long inputs are cut at some places only, to keep the tests quick.
        for cut in stride(from: 1, to: bytes.count, by: bytes.count > 400 ? bytes.count / 40 : 1) {
            let halves = ParsedInput([bytes[..<cut], bytes[cut...]], limits: limits)
            #expect(halves == whole, "cut after \(cut) bytes", sourceLocation: sourceLocation)
        }
        return whole
    }

    static let following = "GET /following HTTP/1.1\r\nHost: next\r\n\r\n"

    /// The one request of the text, which must be complete whether or not another request follows.
    static func request(
        _ text: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Request {
        let parsed = everyWay(text, limits: limits, sourceLocation: sourceLocation)
        #expect(parsed.error == nil, sourceLocation: sourceLocation)
        #expect(parsed.requests.count == 1, sourceLocation: sourceLocation)
        let followed = everyWay(text + following, limits: limits, sourceLocation: sourceLocation)
        #expect(followed.requests.count == 2, sourceLocation: sourceLocation)
        #expect(followed.requests.first == parsed.requests.first, sourceLocation: sourceLocation)
        #expect(followed.requests.last?.head.target.path == "/following", sourceLocation: sourceLocation)
        let request = try #require(parsed.requests.first, sourceLocation: sourceLocation)
        #expect(request.trailers != nil, "the request is complete", sourceLocation: sourceLocation)
        return request
    }

    /// The error the text is refused with, which must be the same whatever follows.
    static func refusal(
        _ text: String, limits: HTTPLimits = HTTPLimits(), sourceLocation: SourceLocation = #_sourceLocation
    ) -> RequestError? {
        let parsed = everyWay(text, limits: limits, sourceLocation: sourceLocation)
        let followed = everyWay(text + following, limits: limits, sourceLocation: sourceLocation)
        #expect(followed.error == parsed.error, sourceLocation: sourceLocation)
        #expect(followed.requests.count == parsed.requests.count, sourceLocation: sourceLocation)
        return parsed.error
    }
}

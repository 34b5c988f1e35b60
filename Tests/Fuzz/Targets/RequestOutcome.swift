import HTTPTypes
import LaminaHTTP

/// What the request parser made of some bytes, however they were cut.
struct RequestOutcome: Equatable {
    struct Request: Equatable {
        var head: RequestHead
        var body: [UInt8] = []
        var trailers: HTTPFields?
    }

    var requests: [Request] = []
    var error: RequestError?
    var isInsideRequest = false
    var bufferedBytes = 0

    init(_ pieces: [ArraySlice<UInt8>], limits: HTTPLimits) {
        var parser = RequestParser(limits: limits)
        do {
            for piece in pieces {
                parser.feed(Array(piece))
                while let event = try parser.next() { take(event) }
            }
            isInsideRequest = parser.isInsideRequest
            bufferedBytes = parser.bufferedBytes
        } catch {
            self.error = error
        }
    }

    private mutating func take(_ event: RequestEvent) {
        switch event {
        case .head(let head): requests.append(Request(head: head))
        case .body(let bytes):
            expect(!bytes.isEmpty, "a piece of a body is empty")
            requests[requests.count - 1].body += bytes
        case .end(let trailers): requests[requests.count - 1].trailers = trailers
        }
    }

    /// The outcome of an input, which is the same for every way it is cut.
    static func agreed(_ bytes: [UInt8], limits: HTTPLimits) -> RequestOutcome {
        let outcomes = InputPieces.everyWay(bytes).map { RequestOutcome($0, limits: limits) }
        expect(outcomes[1] == outcomes[0], "byte by byte \(outcomes[1]), whole \(outcomes[0])")
        expect(outcomes[2] == outcomes[0], "in pieces \(outcomes[2]), whole \(outcomes[0])")
        return outcomes[0]
    }

    /// Limits so small that inputs of a few bytes meet them.
    static var tightLimits: HTTPLimits {
        var limits = HTTPLimits()
        limits.requestLineBytes = 48
        limits.headerBytes = 160
        limits.headerCount = 6
        limits.bodyBytes = 24
        limits.trailerBytes = 48
        limits.trailerCount = 2
        limits.chunkLineBytes = 24
        limits.chunkFramingBytes = 32
        return limits
    }
}

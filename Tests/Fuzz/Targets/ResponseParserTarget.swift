import HTTPTypes
import LaminaHTTP

/// Responses on one connection, to GET or HEAD: cut in any way they come out the same and stay within the limits.
enum ResponseParserTarget {
    private struct Outcome: Equatable {
        struct Response: Equatable {
            var head: ResponseHead
            var body: [UInt8] = []
            var trailers: HTTPFields?
        }

        var responses: [Response] = []
        var fault: ResponseFault?

        init(_ pieces: [ArraySlice<UInt8>], method: HTTPRequest.Method, limits: HTTPClientLimits) {
            var parser = ResponseParser(limits: limits)
            parser.begin(responseTo: method)
            do {
                for piece in pieces {
                    parser.feed(Array(piece))
                    while let event = try parser.next() {
                        if take(event) { parser.begin(responseTo: method) }
                    }
                }
                _ = take(try parser.endOfStream())
            } catch {
                fault = error
            }
        }

        /// Returns whether the response has ended.
        private mutating func take(_ event: ResponseEvent) -> Bool {
            switch event {
            case .head(let head): responses.append(Response(head: head))
            case .body(let bytes): responses[responses.count - 1].body += bytes
            case .end(let trailers):
                responses[responses.count - 1].trailers = trailers
                return true
            }
            return false
        }
    }

    static func check(_ bytes: [UInt8]) {
        let method: HTTPRequest.Method = InputPieces.seed(bytes) % 4 == 0 ? .head : .get
        checkAgreement(bytes, method, HTTPClientLimits())
        var limits = HTTPClientLimits()
        limits.statusLineBytes = 32
        limits.headerBytes = 120
        limits.headerCount = 4
        limits.bodyBytes = 24
        limits.interimResponses = 2
        checkAgreement(bytes, method, limits)
    }

    private static func checkAgreement(_ bytes: [UInt8], _ method: HTTPRequest.Method, _ limits: HTTPClientLimits) {
        let outcomes = InputPieces.everyWay(bytes).map { Outcome($0, method: method, limits: limits) }
        expect(outcomes[1].fault == outcomes[0].fault, "\(outcomes[1]), whole \(outcomes[0])")
        expect(outcomes[2].fault == outcomes[0].fault, "\(outcomes[2]), whole \(outcomes[0])")
        // A body ended by the connection may have come in part before the piece that went over the limit.
        guard outcomes[0].fault == nil else { return }
        expect(outcomes[1] == outcomes[0], "byte by byte \(outcomes[1]), whole \(outcomes[0])")
        expect(outcomes[2] == outcomes[0], "in pieces \(outcomes[2]), whole \(outcomes[0])")
        for response in outcomes[0].responses {
            expect(response.body.count <= min(bytes.count, limits.bodyBytes), "a body over its limit")
            expect(response.head.fields.count <= limits.headerCount, "more fields than the limit")
        }
    }
}

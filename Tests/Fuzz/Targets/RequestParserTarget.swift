import HTTPTypes
import LaminaHTTP

/// Requests on one connection: cut in any way they come out the same, stay within the limits, and read the same again when
/// they are written from what was read.
enum RequestParserTarget {
    static func check(_ bytes: [UInt8]) {
        let outcome = RequestOutcome.agreed(bytes, limits: HTTPLimits())
        expect(outcome.requests.reduce(0) { $0 + $1.body.count } <= bytes.count, "bodies longer than the input")
        for request in outcome.requests where request.trailers != nil { checkRoundTrip(request) }
        let limits = RequestOutcome.tightLimits
        let limited = RequestOutcome.agreed(bytes, limits: limits)
        for request in limited.requests {
            expect(request.body.count <= limits.bodyBytes, "a body over its limit")
            expect(request.head.request.headerFields.count <= limits.headerCount, "more fields than the limit")
        }
    }

    private static func checkRoundTrip(_ request: RequestOutcome.Request) {
        let again = RequestOutcome([written(request)[...]], limits: HTTPLimits())
        guard again.error == nil, again.requests.count == 1, let copy = again.requests.first else {
            fatalError("\(request) is refused when written again: \(String(describing: again.error))")
        }
        expect(copy.head.request == request.head.request, "\(copy.head.request) was \(request.head.request)")
        expect(copy.head.target.segments == request.head.target.segments, "the segments changed")
        expect(copy.head.framing == request.head.framing, "the framing changed")
        expect(copy.head.wantsKeepAlive == request.head.wantsKeepAlive, "the persistence changed")
        expect(copy.body == request.body && copy.trailers == request.trailers, "the body changed")
    }

    private static func written(_ request: RequestOutcome.Request) -> [UInt8] {
        let head = request.head
        var text = Array("\(head.request.method.rawValue) \(head.target.originForm) \(head.version.rawValue)\r\n".utf8)
        if let host = head.request.authority { text += Array("Host: \(host)\r\n".utf8) }
        write(head.request.headerFields, to: &text)
        text += Array("\r\n".utf8)
        guard head.framing == .chunked else { return text + request.body }
        if !request.body.isEmpty {
            text += Array("\(String(request.body.count, radix: 16))\r\n".utf8) + request.body + Array("\r\n".utf8)
        }
        text += Array("0\r\n".utf8)
        write(request.trailers ?? HTTPFields(), to: &text)
        return text + Array("\r\n".utf8)
    }

    private static func write(_ fields: HTTPFields, to text: inout [UInt8]) {
        for field in fields {
            text += Array("\(field.name.rawName): ".utf8)
            field.withUnsafeBytesOfValue { text += Array($0) }
            text += Array("\r\n".utf8)
        }
    }
}

import HTTPTypes

extension BodyFraming {
    /// Decides from the header fields where the body ends (RFC 9112 §6.3). Whatever two parsers could disagree about is
    /// refused, since a disagreement about the end of a message is request smuggling.
    init(fields: HTTPFields, version: HTTPVersion, limits: HTTPLimits) throws(RequestError) {
        let lengths = fields[values: .contentLength]
        if fields.contains(.transferEncoding) {
            guard version == .http1_1 else { throw .transferEncodingInHTTP10 }
            guard lengths.isEmpty else { throw .lengthAndTransferEncoding }
            try Self.requireChunked(fields)
            self = .chunked
            return
        }
        guard lengths.count < 2 else { throw .repeatedContentLength }
        guard let text = lengths.first else {
            self = .none
            return
        }
        let length = try Self.contentLength(text, limits: limits)
        self = length == 0 ? .none : .fixed(length)
    }

    private static func requireChunked(_ fields: HTTPFields) throws(RequestError) {
        let values = fields[values: .transferEncoding]
        if values.count == 1, values[0].lowercased() == "chunked" { return }
        let codings = fields.listElements(.transferEncoding)
        let chunkedCount = codings.count { $0 == "chunked" }
        // Empty elements, as in "chunked,", would be skipped in other lists (RFC 9110 §5.6.1); nginx, Envoy and h11 refuse
        // them here, and others do not take the body for chunked.
        if codings.isEmpty || codings == ["chunked"] || chunkedCount > 1
            || (chunkedCount == 1 && codings.last != "chunked")
        {
            throw .malformedTransferEncoding
        }
        throw .unsupportedTransferCoding(codings.first { $0 != "chunked" } ?? "chunked")
    }

    private static func contentLength(_ text: String, limits: HTTPLimits) throws(RequestError) -> Int {
        // Far below Int.max, so that one more digit cannot overflow.
        let limit = min(limits.bodyBytes, Int.max >> 5)
        var length = 0
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw text.utf8.contains(UInt8(ascii: ",")) ? .repeatedContentLength : .malformedContentLength
        }
        for digit in text.utf8 {
            length = length * 10 + Int(digit - 0x30)
            guard length <= limit else { throw .bodyTooLarge(limitBytes: limits.bodyBytes) }
        }
        return length
    }
}

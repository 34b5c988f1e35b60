package import HTTPTypes

/// Where the body of a response ends (RFC 9112 §6.3).
package enum ResponseBodyFraming: Sendable, Equatable {
    /// Exactly this many bytes; 0 also where the request or the status allows no body.
    case fixed(Int)
    /// Chunks up to one of size zero.
    case chunked
    /// The end of the connection.
    case untilClose
}

/// A status line with its header fields.
package struct ResponseHead: Sendable, Equatable {
    /// The final status: 200 or above.
    package let status: HTTPResponse.Status
    /// The header fields in order.
    package internal(set) var fields: HTTPFields
    /// Where the body ends.
    package let framing: ResponseBodyFraming
    /// Whether the server lets the connection be used again after this response (RFC 9112 §9.3).
    package let keepsAlive: Bool
}

/// What the parser found in the bytes.
package enum ResponseEvent: Sendable, Equatable {
    /// The head of the final response; zero or more `body` follow, then one `end`.
    case head(ResponseHead)
    /// A piece of the body with the chunked coding taken off, never empty.
    case body(ArraySlice<UInt8>)
    /// The response is complete.
    case end(trailers: HTTPFields)
}

/// The line that opens a response: `HTTP-version SP status-code SP [ reason-phrase ]` (RFC 9112 §4).
struct StatusLine: Sendable, Equatable {
    let version: HTTPVersion
    let status: HTTPResponse.Status

    /// Parses a line without its CR LF. Servers leave the space before an empty reason phrase out, against the grammar.
    init(_ line: ArraySlice<UInt8>) throws(ResponseFault) {
        let parts = line.split(separator: HTTPGrammar.space, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0].starts(with: Array("HTTP/".utf8)) else { throw .malformedStatusLine }
        let text = String(decoding: parts[0], as: UTF8.self)
        guard let version = HTTPVersion(rawValue: text) else { throw .unsupportedVersion(text) }
        guard parts[1].count == 3, parts[1].allSatisfy({ (0x30...0x39).contains($0) }),
            let code = Int(String(decoding: parts[1], as: UTF8.self)), (100...599).contains(code),
            parts.count == 2 || parts[2].allSatisfy(HTTPGrammar.isFieldValueCharacter)
        else { throw .malformedStatusLine }
        self.version = version
        status = HTTPResponse.Status(code: code)
    }
}

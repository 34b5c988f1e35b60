package import HTTPTypes

/// Why a request was refused before any handler saw it: the client's doing, but for `bodyMemoryExhausted`. After one of these the place where the
/// next request would begin is unknown, so the connection is closed.
package enum RequestError: Error, Sendable, Equatable {
    /// A line ended in LF alone, or a CR stood alone (RFC 9112 §2.2).
    case bareLineFeed
    /// More empty lines before the request line than the limit allows.
    case tooManyEmptyLines(limit: Int)
    /// The first byte cannot begin a request line.
    case notHTTP(firstByte: UInt8)
    /// The request line is not `method SP target SP version` (RFC 9112 §3).
    case malformedRequestLine
    /// The request line has no version (HTTP/0.9) or one that is not written `HTTP/d.d`.
    case malformedVersion
    /// A version other than 1.0 and 1.1.
    case unsupportedVersion(String)
    /// The request target is none of the forms of RFC 9112 §3.2, or does not decode.
    case malformedTarget(TargetFault)
    /// CONNECT, which only a proxy serves.
    case connectUnsupported
    /// The request line is longer than the limit in bytes.
    case requestLineTooLong(limitBytes: Int)
    /// A header line without a colon or with a name that is no token.
    case malformedFieldName
    /// Whitespace between a field name and the colon (RFC 9112 §5.1: a way to smuggle).
    case whitespaceBeforeColon
    /// A field line that begins with whitespace (RFC 9112 §5.2, obsolete line folding).
    case lineFolding
    /// A control character in a field value.
    case malformedFieldValue(name: String)
    /// More header bytes than the limit.
    case headersTooLarge(limitBytes: Int)
    /// More header fields than the limit.
    case tooManyHeaders(limit: Int)
    /// HTTP/1.1 without a Host field.
    case missingHost
    /// More than one Host field.
    case repeatedHost
    /// A Host field with characters no host has.
    case malformedHost
    /// A Content-Length that is not a plain decimal number.
    case malformedContentLength
    /// More than one Content-Length, equal or not.
    case repeatedContentLength
    /// Both Content-Length and Transfer-Encoding (RFC 9112 §6.3: request smuggling).
    case lengthAndTransferEncoding
    /// Transfer-Encoding in an HTTP/1.0 request.
    case transferEncodingInHTTP10
    /// `chunked` twice, or not last, or an empty Transfer-Encoding.
    case malformedTransferEncoding
    /// A transfer coding other than `chunked`.
    case unsupportedTransferCoding(String)
    /// The body is longer than the limit in bytes.
    case bodyTooLarge(limitBytes: Int)
    /// An `Expect` other than `100-continue`.
    case unsupportedExpectation
    /// A line opening a chunk that is not `hexadecimal size [;extension]`, or is over its limit.
    case malformedChunkSize
    /// Chunk data not followed by CRLF.
    case malformedChunkEnd
    /// More framing than data: many tiny chunks, or long chunk extensions; over the limit in bytes.
    case chunkFramingTooLarge(limitBytes: Int)
    /// A trailer that would change the framing or routing of the message.
    case forbiddenTrailer(name: String)
    /// Trailers over their limit in bytes or number.
    case trailersTooLarge(limitBytes: Int, limitCount: Int)
    /// The peer closed its sending side in the middle of a request.
    case truncated
    /// The request line and headers did not arrive within the time allowed.
    case headerTimeout
    /// The body did not arrive within the time allowed.
    case bodyTimeout
    /// The bodies of all requests together take as much memory as they may.
    case bodyMemoryExhausted

    /// What is wrong with a request target.
    package enum TargetFault: String, Sendable, Equatable {
        /// A byte outside the visible ASCII characters.
        case character = "it contains a character that must be percent-encoded"
        /// Neither a path, nor an absolute http URI, nor `*` with OPTIONS.
        case form = "it must begin with '/' or be an absolute http URI"
        /// An absolute URI without a host or with user information.
        case authority = "its host is missing or malformed"
        /// A '%' not followed by two hexadecimal digits.
        case percentEncoding = "a '%' is not followed by two hexadecimal digits"
        /// The decoded path is not UTF-8 or contains NUL.
        case encoding = "its decoded path is not UTF-8 text"
        /// A segment `.` or `..`.
        case traversal = "it contains a '.' or '..' segment"
    }
}

extension RequestError {
    /// The status of the answer to the client (RFC 9110 §15.5 and §15.6).
    package var status: HTTPResponse.Status {
        switch self {
        case .requestLineTooLong: .uriTooLong
        case .headersTooLarge, .tooManyHeaders, .trailersTooLarge: .requestHeaderFieldsTooLarge
        case .bodyTooLarge: .contentTooLarge
        case .unsupportedExpectation: .expectationFailed
        case .headerTimeout, .bodyTimeout: .requestTimeout
        case .bodyMemoryExhausted: .serviceUnavailable
        case .connectUnsupported, .unsupportedTransferCoding: .notImplemented
        case .unsupportedVersion: .httpVersionNotSupported
        default: .badRequest
        }
    }
}

/// Why bytes were not taken for a response. Always the server's doing; the connection is of no further use.
package enum ResponseFault: Error, Sendable, Equatable {
    /// The first byte cannot begin a status line.
    case notHTTP(firstByte: UInt8)
    /// The first line is not `version SP status [SP reason]`.
    case malformedStatusLine
    /// A version other than 1.0 and 1.1.
    case unsupportedVersion(String)
    /// The status line is longer than the limit in bytes.
    case statusLineTooLong(limitBytes: Int)
    /// More interim responses (1xx) than the limit.
    case tooManyInterimResponses(limit: Int)
    /// 101 Switching Protocols, which nobody asked for.
    case unexpectedUpgrade
    /// Both Content-Length and Transfer-Encoding (RFC 9112 §6.3).
    case lengthAndTransferEncoding
    /// The body is longer than the limit in bytes.
    case bodyTooLarge(limitBytes: Int)
    /// The connection ended in the middle of a response.
    case truncated
    /// The body is in a content coding that was not asked for.
    case unknownCoding(String)
    /// The body is not the gzip data it is said to be.
    case undecodable(GzipError)
    /// What the grammar shared with requests refuses: a field line, the framing, a chunk.
    case malformedMessage(RequestError)

    init(_ error: RequestError) {
        switch error {
        case .lengthAndTransferEncoding: self = .lengthAndTransferEncoding
        case .bodyTooLarge(let limit): self = .bodyTooLarge(limitBytes: limit)
        default: self = .malformedMessage(error)
        }
    }
}

extension ResponseFault: CustomStringConvertible {
    /// What is wrong, as the end of a sentence that names the server.
    package var description: String {
        switch self {
        case .notHTTP(0x15), .notHTTP(0x16): "it speaks TLS: the URL has to begin with https://"
        case .notHTTP(let byte): "it does not speak HTTP/1: its first byte is 0x\(String(byte, radix: 16))"
        case .malformedStatusLine: "its status line is malformed"
        case .unsupportedVersion(let version): "it speaks \(version), not HTTP/1.1"
        case .statusLineTooLong(let limit): "its status line is longer than \(limit) bytes"
        case .tooManyInterimResponses(let limit): "it sent more than \(limit) interim responses"
        case .unexpectedUpgrade: "it switched to another protocol unasked"
        case .lengthAndTransferEncoding: "it sent both Content-Length and Transfer-Encoding"
        case .bodyTooLarge(let limit): "its response body is larger than \(limit) bytes"
        case .truncated: "it closed the connection in the middle of a response"
        case .unknownCoding(let name): "its response is in the coding '\(name)', but only gzip was asked for"
        case .undecodable(let error): "its response cannot be read: \(error)"
        case .malformedMessage(let error): "its response is malformed: \(error)"
        }
    }
}

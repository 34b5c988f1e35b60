extension RequestError: CustomStringConvertible {
    /// One sentence for the client: what is wrong, and where it helps, what to do.
    package var description: String {
        switch self {
        case .bareLineFeed: "A line does not end in CR LF."
        case .tooManyEmptyLines(let limit): "More than \(limit) empty lines precede the request line."
        case .notHTTP(0x16):
            "This looks like a TLS handshake, but the port speaks plain HTTP; use http:// instead of https://."
        case .notHTTP(let byte): "The bytes are not an HTTP request: the first is 0x\(String(byte, radix: 16))."
        case .malformedRequestLine: "The request line is not 'method target version' with one space between each."
        case .malformedVersion: "The request line does not end in an HTTP version."
        case .unsupportedVersion(let version): "The version \(version) is not served here; use HTTP/1.1."
        case .malformedTarget(let fault): "The request target is malformed: \(fault.rawValue)."
        case .connectUnsupported: "CONNECT is for proxies, and this server is none."
        case .requestLineTooLong(let limit): "The request line is longer than \(limit) bytes."
        case .headersTooLarge(let limit): "The header fields are larger than \(limit) bytes."
        case .tooManyHeaders(let limit): "There are more than \(limit) header fields."
        case .bodyTooLarge(let limit): "The request body is larger than \(limit) bytes."
        case .unsupportedExpectation: "The only expectation this server meets is '100-continue'."
        case .truncated: "The connection was closed in the middle of a request."
        case .headerTimeout: "The request line and header fields did not arrive in time."
        case .bodyTimeout: "The request body did not arrive in time."
        case .bodyMemoryExhausted: "The server holds too many large request bodies; try again soon."
        default: fieldDescription
        }
    }

    private var fieldDescription: String {
        switch self {
        case .malformedFieldName: "A header line is not 'name: value' with a valid name."
        case .whitespaceBeforeColon: "There is whitespace between a header name and its colon."
        case .lineFolding: "A header line begins with whitespace; line folding is obsolete."
        case .malformedFieldValue(let name): "The value of the header '\(name)' contains a control character."
        case .missingHost: "An HTTP/1.1 request needs a Host header."
        case .repeatedHost: "There is more than one Host header."
        case .malformedHost: "The Host header is not a host name with an optional port."
        case .malformedContentLength: "Content-Length is not a plain decimal number."
        case .repeatedContentLength: "There is more than one Content-Length."
        case .lengthAndTransferEncoding: "A request must not have both Content-Length and Transfer-Encoding."
        case .transferEncodingInHTTP10: "HTTP/1.0 has no Transfer-Encoding."
        case .malformedTransferEncoding: "Transfer-Encoding must name 'chunked' once, as the last coding."
        case .unsupportedTransferCoding(let coding): "The transfer coding '\(coding)' is not supported; use 'chunked'."
        default: chunkDescription
        }
    }

    private var chunkDescription: String {
        switch self {
        case .malformedChunkSize: "The size of a chunk is not a hexadecimal number, or its line is too long."
        case .malformedChunkEnd: "The data of a chunk are not followed by CR LF."
        case .chunkFramingTooLarge(let limit):
            "The body has more than \(limit) bytes of chunk sizes and extensions beyond what its data need."
        case .forbiddenTrailer(let name): "The field '\(name)' is not allowed in a trailer."
        case .trailersTooLarge(let bytes, let count): "The trailers exceed \(bytes) bytes or \(count) fields."
        default: "The request is malformed."
        }
    }
}

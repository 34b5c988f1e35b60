import HTTPTypes

/// The first line of a request (RFC 9112 §3), parsed strictly: one space between the parts, nothing before or after.
struct RequestLine: Equatable {
    let method: HTTPRequest.Method
    let target: RequestTarget
    let version: HTTPVersion

    /// Parses a line without its CR LF.
    init(_ line: ArraySlice<UInt8>) throws(RequestError) {
        let parts = line.split(separator: HTTPGrammar.space, maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count > 1, let name = parts.first, !name.isEmpty, name.allSatisfy(HTTPGrammar.isTokenCharacter),
            let method = HTTPRequest.Method(String(decoding: name, as: UTF8.self))
        else { throw .malformedRequestLine }
        // `GET /` is HTTP/0.9.
        guard parts.count > 2 else { throw .malformedVersion }
        guard parts.count == 3, !parts[1].isEmpty else { throw .malformedRequestLine }
        self.version = try Self.version(parts[2])
        guard method != .connect else { throw .connectUnsupported }
        self.method = method
        self.target = try RequestTarget(parts[1], method: method.rawValue)
    }

    private static func version(_ bytes: ArraySlice<UInt8>) throws(RequestError) -> HTTPVersion {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let digits = bytes.dropFirst(prefix.count)
        guard bytes.starts(with: prefix), digits.count == 3, let major = digits.first, let minor = digits.last,
            isDigit(major), isDigit(minor), digits[digits.startIndex + 1] == UInt8(ascii: ".")
        else { throw .malformedVersion }
        guard major == UInt8(ascii: "1") else { throw .unsupportedVersion(String(decoding: bytes, as: UTF8.self)) }
        // RFC 9110 §2.5: a higher minor version is taken for the highest one known.
        return minor == UInt8(ascii: "0") ? .http1_0 : .http1_1
    }

    private static let prefix = Array("HTTP/".utf8)
}

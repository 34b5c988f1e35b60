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
        let text = String(decoding: bytes, as: UTF8.self)
        if let version = HTTPVersion(rawValue: text) { return version }
        let isDigit = { (byte: UInt8?) in byte.map { (0x30...0x39).contains($0) } ?? false }
        let digits = bytes.dropFirst(5)
        guard text.hasPrefix("HTTP/"), digits.count == 3, isDigit(digits.first), isDigit(digits.last),
            digits[digits.startIndex + 1] == UInt8(ascii: ".")
        else { throw .malformedVersion }
        throw .unsupportedVersion(text)
    }
}

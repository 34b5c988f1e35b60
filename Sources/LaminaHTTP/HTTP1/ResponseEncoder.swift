package import HTTPTypes

/// How the end of a response's body is marked (RFC 9112 §6).
package enum ResponseFraming: Sendable, Equatable {
    /// No body and no framing field: 1xx, 204, 304.
    case none
    /// A body of this many bytes, or for HEAD the length it would have.
    case contentLength(Int)
    /// Chunks (HTTP/1.1 only).
    case chunked
    /// The end of the connection (HTTP/1.0 streams).
    case untilClose
    /// A HEAD answered for a body whose length nobody knows: neither a field nor a body.
    case unknownLength
}

/// Why a response could not be written: the handler's fault, answered with 500 in its place.
package enum ResponseError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A control character (CR and LF above all) in a field value: it would split the response.
    case malformedFieldValue(name: String)
    /// A status that is not final (RFC 9110 §15.2): interim responses are the server's to send.
    case statusNotFinal(Int)

    /// What is wrong and where.
    package var description: String {
        switch self {
        case .malformedFieldValue(let name): "The response header '\(name)' contains a control character."
        case .statusNotFinal(let code): "The handler answered with the status \(code), which is not final."
        }
    }
}

/// Writes response heads and chunks as bytes.
///
/// Content-Length, Transfer-Encoding, Connection, Keep-Alive and Date belong to the connection: those given by a handler are
/// replaced. The status line always says HTTP/1.1, this server's own version (RFC 9112 §2.3).
package enum ResponseEncoder {
    /// The interim response to `Expect: 100-continue`.
    package static let interimContinue = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
    /// What ends a chunked body without trailers.
    package static let lastChunk = Array("0\r\n\r\n".utf8)

    /// The framing of a response, from its body's length (nil: unknown, a stream) and the request it answers.
    package static func framing(
        status: HTTPResponse.Status, bodyLength: Int?, isHead: Bool, version: HTTPVersion
    ) -> ResponseFraming {
        if status.kind == .informational || status == .noContent || status == .notModified { return .none }
        if let bodyLength { return .contentLength(bodyLength) }
        if isHead { return .unknownLength }
        return version == .http1_1 ? .chunked : .untilClose
    }

    /// Status line, fields and the empty line.
    ///
    /// - Parameters:
    ///   - version: the request's; decides how persistence is announced.
    ///   - persists: whether the connection stays open.
    ///   - date: the value of the Date field.
    package static func head(
        status: HTTPResponse.Status, fields: HTTPFields, framing: ResponseFraming, version: HTTPVersion,
        persists: Bool, date: String
    ) throws(ResponseError) -> [UInt8] {
        guard (200...999).contains(status.code) else { throw .statusNotFinal(status.code) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(usualBytes)
        bytes.append(contentsOf: "HTTP/1.1 ".utf8)
        bytes.append(contentsOf: String(status.code).utf8)
        bytes.append(UInt8(ascii: " "))
        for byte in status.reasonPhrase.utf8 where HTTPGrammar.isFieldValueCharacter(byte) { bytes.append(byte) }
        bytes.append(contentsOf: "\r\n".utf8)
        for field in fields where !isOwned(field.name) {
            let isValid = field.withUnsafeBytesOfValue { value in
                append(name: field.name.rawName, value: value, to: &bytes)
            }
            guard isValid else { throw .malformedFieldValue(name: field.name.rawName) }
        }
        bytes.append(contentsOf: "Date: ".utf8)
        bytes.append(contentsOf: date.utf8)
        switch framing {
        case .contentLength(let length):
            bytes.append(contentsOf: "\r\nContent-Length: ".utf8)
            bytes.append(contentsOf: String(length).utf8)
        case .chunked: bytes.append(contentsOf: "\r\nTransfer-Encoding: chunked".utf8)
        case .none, .untilClose, .unknownLength: break
        }
        if !persists {
            bytes.append(contentsOf: "\r\nConnection: close".utf8)
        } else if version == .http1_0 {
            bytes.append(contentsOf: "\r\nConnection: keep-alive".utf8)
        }
        bytes.append(contentsOf: "\r\n\r\n".utf8)
        return bytes
    }

    /// Enough for most heads, and a short body behind them.
    private static let usualBytes = 768

    /// Whether a field is the connection's. The lengths tell nearly all names apart without comparing them.
    private static func isOwned(_ name: HTTPField.Name) -> Bool {
        switch name.canonicalName.utf8.count {
        case 4: name == .date
        case 10: name == .connection || name.canonicalName == "keep-alive"
        case 14: name == .contentLength
        case 17: name == .transferEncoding
        default: false
        }
    }

    /// One chunk around the data, which must not be empty: an empty chunk would end the body.
    package static func chunk(_ data: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.count + 12)
        bytes.append(contentsOf: String(data.count, radix: 16).utf8)
        bytes.append(contentsOf: "\r\n".utf8)
        bytes.append(contentsOf: data)
        bytes.append(contentsOf: "\r\n".utf8)
        return bytes
    }

    /// Appends a field line. Returns false where the value contains what would end the line or worse (RFC 9110 §5.5).
    static func append(name: String, value: some Collection<UInt8>, to bytes: inout [UInt8]) -> Bool {
        guard value.allSatisfy(HTTPGrammar.isFieldValueCharacter) else { return false }
        bytes.append(contentsOf: name.utf8)
        bytes.append(contentsOf: ": ".utf8)
        bytes.append(contentsOf: value)
        bytes.append(contentsOf: "\r\n".utf8)
        return true
    }
}

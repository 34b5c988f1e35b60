/// Asks one URL over plain HTTP/1.1 and reads the answer to its end: what a health check needs and no more.
package struct HealthProbe: Sendable {
    /// What came back.
    package struct Answer: Sendable, Equatable {
        /// The HTTP status.
        package let status: Int
        /// The body as text.
        package let body: String
    }

    private let host: String
    private let port: Int
    private let path: String

    /// Bytes read at most: a health answer is short.
    private static let answerBytes = 64 * 1024

    /// - Parameter url: `http://host[:port][/path]`; an IPv6 address stands in brackets.
    /// - Throws: `HealthProbeError.malformedURL`.
    package init(url: String) throws(HealthProbeError) {
        guard url.hasPrefix("http://") else { throw .malformedURL(url) }
        let rest = url.dropFirst("http://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        let isBracketed = authority.hasPrefix("[")
        let colon = authority.lastIndex(of: ":").flatMap { index in
            isBracketed && authority[index...].contains("]") ? nil : index
        }
        let name = authority[..<(colon ?? authority.endIndex)]
        host = String(isBracketed ? name.dropFirst().dropLast() : name)
        path = slash == rest.endIndex ? "/" : String(rest[slash...])
        let number = colon.map { Int(authority[authority.index(after: $0)...]) } ?? 80
        guard !host.isEmpty, let number, (1...65_535).contains(number),
            path.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { throw .malformedURL(url) }
        port = number
    }

    /// Sends the request and waits for the whole answer.
    /// - Throws: `SocketError`; `HealthProbeError.malformedAnswer`.
    package func run(timeout: Duration) async throws -> Answer {
        let deadline = ContinuousClock.now + timeout
        let socket = try await ConnectedSocket.connect(host: host, port: port, until: deadline)
        defer { socket.close() }
        let authority = SocketAddress.text(host: host, port: port)
        let request = "GET \(path) HTTP/1.1\r\nHost: \(authority)\r\nConnection: close\r\n\r\n"
        try await socket.write(Array(request.utf8), timeout: timeout)
        var bytes: [UInt8] = []
        while bytes.count < Self.answerBytes {
            guard case .bytes(let more) = try await socket.read(until: deadline) else { break }
            bytes += more
        }
        return try Self.answer(String(decoding: bytes, as: UTF8.self))
    }

    private static func answer(_ text: String) throws(HealthProbeError) -> Answer {
        let statusLine = text.prefix { !$0.isNewline }.split(separator: " ")
        guard statusLine.count >= 2, statusLine[0].hasPrefix("HTTP/1."), let status = Int(statusLine[1]),
            let separator = text.firstRange(of: "\r\n\r\n")
        else { throw .malformedAnswer }
        return Answer(status: status, body: String(text[separator.upperBound...]))
    }
}

/// Why a health check could not be made.
package enum HealthProbeError: Error, Equatable, CustomStringConvertible {
    /// The URL is not `http://host[:port][/path]`.
    case malformedURL(String)
    /// What answered does not speak HTTP.
    case malformedAnswer

    package var description: String {
        switch self {
        case .malformedURL(let url): "\(url) is not a URL this check understands; write http://host:port/path"
        case .malformedAnswer: "the answer is not HTTP"
        }
    }
}

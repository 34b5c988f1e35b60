import LaminaHTTP

/// The chunked coding: what follows the head of a request. Compared with a decoder that sees the whole body at once.
enum ChunkedBodyTarget {
    private static let head = Array("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)

    static func check(_ bytes: [UInt8]) {
        let outcome = RequestOutcome.agreed(head + bytes, limits: HTTPLimits())
        if let request = outcome.requests.first, request.trailers != nil {
            guard let body = decodedAtOnce(bytes) else { fatalError("accepted: \(bytes)") }
            expect(request.body == body, "read \(request.body), is \(body)")
        }
        let limited = RequestOutcome.agreed(head + bytes, limits: RequestOutcome.tightLimits)
        expect(limited.requests.allSatisfy { $0.body.count <= RequestOutcome.tightLimits.bodyBytes }, "over the limit")
    }

    /// The body by the grammar alone (RFC 9112 §7.1), nil where it is not followed as far as the last chunk.
    private static func decodedAtOnce(_ bytes: [UInt8]) -> [UInt8]? {
        var body: [UInt8] = []
        var rest = bytes[...]
        while let end = rest.firstIndex(of: 0x0A), end > rest.startIndex, rest[end - 1] == 0x0D {
            let line = rest[..<(end - 1)]
            let digits = line.prefix { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x66 || (0x30...0x39).contains($0) }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16) else { return nil }
            rest = rest[(end + 1)...]
            if size == 0 { return body }
            guard rest.count >= size + 2, rest.dropFirst(size).starts(with: [0x0D, 0x0A]) else { return nil }
            body += rest.prefix(size)
            rest = rest.dropFirst(size + 2)
        }
        return nil
    }
}

import HTTPTypes

extension IncomingRequest {
    /// Bytes of gzip data expanded before other tasks have their turn: at most 4 MiB, at a ratio of 1032, some milliseconds.
    private static let sliceBytes = 4 * 1024
    /// How much of a coding's name goes into an error.
    private static let quotedCharacters = 64

    /// The request with its body in no coding, and without a field that says otherwise.
    func withDecodedBody(limitBytes: Int) async throws(ContentCodingError) -> IncomingRequest {
        let codings = head.headerFields.listElements(.contentEncoding).filter { $0 != ContentCoding.identity.rawValue }
        guard !codings.isEmpty || head.headerFields[.contentEncoding] != nil else { return self }
        var request = self
        request.head.headerFields[.contentEncoding] = nil
        // Nothing is nothing in any coding.
        guard !codings.isEmpty, !body.isEmpty else { return request }
        guard codings.count == 1, ContentCoding(name: codings[0]) == .gzip else {
            throw .unsupported(String(codings.joined(separator: ", ").prefix(Self.quotedCharacters)))
        }
        do throws(GzipError) {
            request.body = try await Self.expanded(body, limitBytes: limitBytes)
        } catch {
            throw .undecodable(error)
        }
        // What is said about the length is no longer true.
        request.head.headerFields[.contentLength] = nil
        return request
    }

    private static func expanded(_ body: [UInt8], limitBytes: Int) async throws(GzipError) -> [UInt8] {
        let decoder = try GzipDecoder(limitBytes: limitBytes)
        var result: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            result += try decoder.decode(rest.prefix(sliceBytes))
            rest = rest.dropFirst(sliceBytes)
            await Task.yield()
        }
        try decoder.finish()
        return result
    }
}

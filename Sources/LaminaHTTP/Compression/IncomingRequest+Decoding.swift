import HTTPTypes

extension IncomingRequest {
    /// How much of a coding's name goes into an error.
    private static let quotedCharacters = 64

    /// The request with its body in no coding, and without a field that says otherwise.
    func withDecodedBody(limitBytes: Int) async throws(ContentCodingError) -> IncomingRequest {
        let codings = head.headerFields.contentCodings
        guard !codings.isEmpty || head.headerFields.contains(.contentEncoding) else { return self }
        var request = self
        request.head.headerFields[.contentEncoding] = nil
        // Nothing is nothing in any coding.
        guard !codings.isEmpty, !body.isEmpty else { return request }
        guard codings.count == 1, ContentCoding(name: codings[0]) == .gzip else {
            throw .unsupported(String(codings.joined(separator: ", ").prefix(Self.quotedCharacters)))
        }
        do throws(GzipError) {
            request.body = try await GzipDecoder.expand(body, limitBytes: limitBytes)
        } catch {
            throw .undecodable(error)
        }
        // What is said about the length is no longer true.
        request.head.headerFields[.contentLength] = nil
        return request
    }
}

import HTTPTypes

extension ClientResponse {
    /// How much of a coding's name goes into an error.
    private static let quotedCharacters = 64

    /// The rest of the body in no content coding, and the head without the fields that say otherwise.
    ///
    /// - Throws: `HTTPClientError.malformedResponse`, in time where a few kilobytes would expand to gigabytes.
    func collectDecoded() async throws(HTTPClientError) -> (head: ResponseHead, body: [UInt8]) {
        let body = try await collect()
        let codings = head.fields.contentCodings
        // The answer to HEAD tells of a body that it does not have.
        guard !codings.isEmpty, !body.isEmpty else { return (head, body) }
        guard codings.count == 1, ContentCoding(name: codings[0]) == .gzip else {
            throw malformed(.unknownCoding(String(codings.joined(separator: ", ").prefix(Self.quotedCharacters))))
        }
        var head = head
        head.fields[.contentEncoding] = nil
        head.fields[.contentLength] = nil
        do throws(GzipError) {
            return (head, try await GzipDecoder.expand(body, limitBytes: limits.collectedBytes))
        } catch {
            guard case .tooLarge(let limit) = error else { throw malformed(.undecodable(error)) }
            throw malformed(.bodyTooLarge(limitBytes: limit))
        }
    }

    private func malformed(_ fault: ResponseFault) -> HTTPClientError {
        .malformedResponse(origin: url.origin, fault: fault)
    }
}

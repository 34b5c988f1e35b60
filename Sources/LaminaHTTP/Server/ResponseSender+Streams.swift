import HTTPTypes

extension ResponseSender {
    /// Has a body written piece by piece, the head with its first piece: up to there another answer can take its place.
    func stream(
        _ response: OutgoingResponse, _ framing: ResponseFraming, version: HTTPVersion, path: String,
        _ produce: @Sendable (any ResponseBodyWriter) async throws -> Void
    ) async -> Result {
        let writer = StreamWriter(
            stream: stream, isChunked: framing == .chunked, timeout: services.configuration.writeTimeout,
            head: { () throws(ResponseError) in try head(response, framing, version: version) })
        do {
            try await produce(writer)
            try await writer.finish()
            return Result(status: response.status, bodyBytes: writer.writtenBytes, outcome: .complete)
        } catch {
            writer.abandon()
            let failure = failed(response.status, writer.writtenBytes, writer.failure ?? error)
            if writer.hasBegun { return failure }
            return await answer(error, failure, insteadOf: response, version: version, path: path)
        }
    }

    /// Answers a request whose stream ended before it began.
    private func answer(
        _ error: any Error, _ failure: Result, insteadOf response: OutgoingResponse, version: HTTPVersion, path: String
    ) async -> Result {
        if let replacement = error as? InsteadOfStream {
            return await send(replacement.replacing(response), version: version, isHead: false, path: path)
        }
        // Otherwise nobody is left to read an answer.
        guard case .bodyFailed = failure.outcome else { return failure }
        if let error = error as? ResponseError {
            services.observer?.observe(.responseReplaced(error, path: path))
        }
        var replacement = OutgoingResponse(error: .internalServerError, Self.failureMessage, services.errorBody)
        replacement.headers[.connection] = "close"
        let sent = await send(replacement, version: version, isHead: false, path: path)
        return Result(status: sent.status, bodyBytes: sent.bodyBytes, outcome: failure.outcome)
    }
}

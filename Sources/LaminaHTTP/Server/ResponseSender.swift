import HTTPTypes

/// Writes one response to a connection.
struct ResponseSender: Sendable {
    /// How the writing ended.
    struct Result: Sendable {
        let status: HTTPResponse.Status
        let bodyBytes: Int
        let outcome: RequestReport.Outcome
    }

    let stream: any ByteStream
    let state: ConnectionStateBox
    let services: ConnectionServices

    /// Bodies up to this size travel in one piece with their head.
    private static let joinedBodyBytes = 64 * 1024

    /// Writes the response. `version` and `isHead` are the request's.
    func send(_ response: OutgoingResponse, version: HTTPVersion, isHead: Bool, path: String) async -> Result {
        let encoded: Encoded
        switch encode(response, version: version, isHead: isHead, path: path) {
        case .success(let value): encoded = value
        case .failure(let error): return failed(.internalServerError, 0, error)
        }
        do {
            try await write(encoded.bytes)
            switch encoded.rest {
            case .none: break
            case .bytes(let body): try await write(body)
            case .stream(let produce, let isChunked):
                return await produceBody(produce, status: encoded.status, isChunked: isChunked)
            }
            return Result(status: encoded.status, bodyBytes: encoded.bodyBytes, outcome: .complete)
        } catch {
            return failed(encoded.status, 0, error)
        }
    }

    /// A response as it goes over the wire.
    private struct Encoded {
        enum Rest {
            case none
            case bytes([UInt8])
            case stream(@Sendable (any ResponseBodyWriter) async throws -> Void, isChunked: Bool)
        }

        let status: HTTPResponse.Status
        /// The head, and a small body.
        var bytes: [UInt8]
        var rest = Rest.none
        var bodyBytes = 0
    }

    /// Encodes the response, or a plain 500 in place of one that cannot be.
    ///
    /// Not inlined: what it needs on the way would become part of the task's memory, which idle connections keep.
    @inline(never)
    private func encode(
        _ response: OutgoingResponse, version: HTTPVersion, isHead: Bool, path: String
    ) -> Swift.Result<Encoded, ResponseError> {
        do throws(ResponseError) {
            return .success(try encoded(response, version: version, isHead: isHead))
        } catch {
            services.observer?.observe(.responseReplaced(error, path: path))
        }
        let replacement = OutgoingResponse(
            error: .internalServerError, "The response could not be written.", services.errorBody)
        return Swift.Result { () throws(ResponseError) in
            try encoded(replacement, version: version, isHead: isHead)
        }
    }

    private func encoded(
        _ response: OutgoingResponse, version: HTTPVersion, isHead: Bool
    ) throws(ResponseError) -> Encoded {
        let framing = ResponseEncoder.framing(
            status: response.status, bodyLength: response.body.knownLength, isHead: isHead, version: version)
        let asksToClose = state.isAged || response.headers.listElements(.connection).contains("close")
        let persists = state.update {
            $0.responseBegins(asksToClose: asksToClose, isSelfDelimited: framing != .untilClose)
        }
        let head = try ResponseEncoder.head(
            status: response.status, fields: response.headers, framing: framing, version: version,
            persists: persists, date: services.date.current)
        var encoded = Encoded(status: response.status, bytes: head)
        guard !isHead, framing != .none else { return encoded }
        switch response.body {
        case .none: break
        case .bytes(let body):
            encoded.bodyBytes = body.count
            if body.count <= Self.joinedBodyBytes {
                encoded.bytes.append(contentsOf: body)
            } else {
                encoded.rest = .bytes(body)
            }
        case .stream(let produce): encoded.rest = .stream(produce, isChunked: framing == .chunked)
        }
        return encoded
    }

    private func produceBody(
        _ produce: @Sendable (any ResponseBodyWriter) async throws -> Void, status: HTTPResponse.Status, isChunked: Bool
    ) async -> Result {
        let timeout = services.configuration.writeTimeout
        let writer = StreamWriter(stream: stream, isChunked: isChunked, timeout: timeout)
        do {
            try await produce(writer)
            try await writer.finish()
            return Result(status: status, bodyBytes: writer.writtenBytes, outcome: .complete)
        } catch {
            writer.abandon()
            return failed(status, writer.writtenBytes, writer.failure ?? error)
        }
    }

    private func write(_ bytes: [UInt8]) async throws(SocketError) {
        try await stream.write(bytes, timeout: services.configuration.writeTimeout)
    }

    private func failed(_ status: HTTPResponse.Status, _ bodyBytes: Int, _ error: any Error) -> Result {
        let outcome: RequestReport.Outcome =
            switch error {
            case SocketError.timedOut: .writeTimedOut
            case SocketError.cancelled, is CancellationError: .cancelled
            case is SocketError: .clientGone
            default: .bodyFailed(String(describing: error))
            }
        return Result(status: status, bodyBytes: bodyBytes, outcome: outcome)
    }
}

extension OutgoingResponse.Body {
    /// The length in bytes; nil for a stream.
    var knownLength: Int? {
        switch self {
        case .none: 0
        case .bytes(let bytes): bytes.count
        case .stream: nil
        }
    }
}

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
        do {
            return try await write(response, version: version, isHead: isHead)
        } catch let error as ResponseError {
            services.observer?.observe(.responseReplaced(error, path: path))
            let replacement = OutgoingResponse(
                error: .internalServerError, "The response could not be written.", services.errorBody)
            do {
                return try await write(replacement, version: version, isHead: isHead)
            } catch {
                return failed(replacement.status, 0, error)
            }
        } catch {
            return failed(response.status, 0, error)
        }
    }

    private func write(
        _ response: OutgoingResponse, version: HTTPVersion, isHead: Bool
    ) async throws -> Result {
        let framing = ResponseEncoder.framing(
            status: response.status, bodyLength: response.body.knownLength, isHead: isHead, version: version)
        let asksToClose = state.isAged || response.headers.listElements(.connection).contains("close")
        let persists = state.update {
            $0.responseBegins(asksToClose: asksToClose, isSelfDelimited: framing != .untilClose)
        }
        var bytes = try ResponseEncoder.head(
            status: response.status, fields: response.headers, framing: framing, version: version,
            persists: persists, date: services.date.current)
        let hasBody = !isHead && framing != .none
        switch response.body {
        case .bytes(let body) where hasBody:
            if body.count <= Self.joinedBodyBytes {
                bytes.append(contentsOf: body)
                try await write(bytes)
            } else {
                try await write(bytes)
                try await write(body)
            }
            return Result(status: response.status, bodyBytes: body.count, outcome: .complete)
        case .stream(let produce) where hasBody:
            try await write(bytes)
            return await produceBody(produce, status: response.status, isChunked: framing == .chunked)
        default:
            try await write(bytes)
            return Result(status: response.status, bodyBytes: 0, outcome: .complete)
        }
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

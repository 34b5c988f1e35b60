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
    /// What a client is told of a response that its handler got wrong.
    static let failureMessage = "The response could not be written."

    /// Writes the response. `version` and `isHead` are the request's.
    func send(_ response: OutgoingResponse, version: HTTPVersion, isHead: Bool, path: String) async -> Result {
        if case .stream(let produce) = response.body, !isHead {
            let framing = framing(response, version: version, isHead: false)
            if framing != .none { return await stream(response, framing, version: version, path: path, produce) }
        }
        let encoded: Encoded
        switch encode(response, version: version, isHead: isHead, path: path) {
        case .success(let value): encoded = value
        case .failure(let error): return failed(.internalServerError, 0, error)
        }
        do {
            try await write(encoded.bytes)
            if !encoded.rest.isEmpty { try await write(encoded.rest) }
            return Result(status: encoded.status, bodyBytes: encoded.bodyBytes, outcome: .complete)
        } catch {
            return failed(encoded.status, 0, error)
        }
    }

    /// A response, its body known as a whole, as it goes over the wire.
    private struct Encoded {
        let status: HTTPResponse.Status
        /// The head, and a small body.
        var bytes: [UInt8]
        /// A large body.
        var rest: [UInt8] = []
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
        let replacement = OutgoingResponse(error: .internalServerError, Self.failureMessage, services.errorBody)
        return Swift.Result { () throws(ResponseError) in
            try encoded(replacement, version: version, isHead: isHead)
        }
    }

    private func encoded(
        _ response: OutgoingResponse, version: HTTPVersion, isHead: Bool
    ) throws(ResponseError) -> Encoded {
        let framing = framing(response, version: version, isHead: isHead)
        var encoded = Encoded(status: response.status, bytes: try head(response, framing, version: version))
        guard !isHead, framing != .none, case .bytes(let body) = response.body else { return encoded }
        encoded.bodyBytes = body.count
        if body.count <= Self.joinedBodyBytes {
            encoded.bytes.append(contentsOf: body)
        } else {
            encoded.rest = body
        }
        return encoded
    }

    private func framing(_ response: OutgoingResponse, version: HTTPVersion, isHead: Bool) -> ResponseFraming {
        ResponseEncoder.framing(
            status: response.status, bodyLength: response.body.knownLength, isHead: isHead, version: version)
    }

    /// The head, of this moment: its last fields, and whether the connection persists.
    func head(
        _ response: OutgoingResponse, _ framing: ResponseFraming, version: HTTPVersion
    ) throws(ResponseError) -> [UInt8] {
        var fields = response.headers
        response.onHead?(&fields)
        let asksToClose = state.isAged || fields.listElements(.connection).contains("close")
        let persists = state.update {
            $0.responseBegins(asksToClose: asksToClose, isSelfDelimited: framing != .untilClose)
        }
        return try ResponseEncoder.head(
            status: response.status, fields: fields, framing: framing, version: version, persists: persists,
            date: services.date.current)
    }

    private func write(_ bytes: [UInt8]) async throws(SocketError) {
        try await stream.write(bytes, timeout: services.configuration.writeTimeout)
    }

    func failed(_ status: HTTPResponse.Status, _ bodyBytes: Int, _ error: any Error) -> Result {
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

import LaminaHTTP

/// What one request took.
struct RequestSample: Sendable {
    var failure: LoadFailure?
    /// Prompt tokens by the server's count.
    var promptTokens = 0
    /// Prompt tokens the server found in its prefix cache, where it tells.
    var cachedTokens = 0
    /// Answer tokens by the server's count, or pieces of text where it gives none.
    var outputTokens = 0
    /// From the beginning of the request to the first text.
    var timeToFirstToken: Duration?
    /// Between successive pieces of text.
    var interTokenGaps: [Duration] = []
    /// From the beginning of the request to the end of the answer.
    var duration = Duration.zero
    /// The answer.
    var text = ""

    /// From the first text to the last, divided by the tokens after the first.
    var timePerOutputToken: Duration? {
        guard outputTokens > 1, !interTokenGaps.isEmpty else { return nil }
        return interTokenGaps.reduce(.zero, +) / (outputTokens - 1)
    }
}

/// Why a request has no complete answer.
enum LoadFailure: Error, Sendable, Equatable {
    case http(HTTPClientError)
    /// A status other than 200, with the message of the body.
    case status(code: Int, message: String)
    /// An error that came as an event of the stream.
    case errorEvent(String)
    /// The stream is none, or an event is not what the API says.
    case malformedStream(String)
    /// The stream ended without a finish reason.
    case incompleteStream

    /// By what failures are counted.
    var reason: String {
        switch self {
        case .http(.cannotConnect): "cannot connect"
        case .http(.timedOut(_, let phase, _)): "timed out while \(phase.rawValue)"
        case .http(.connectionLost): "connection lost"
        case .http(.cancelled): "cancelled"
        case .http: "malformed response"
        case .status(let code, _): "status \(code)"
        case .errorEvent: "error in the stream"
        case .malformedStream: "malformed stream"
        case .incompleteStream: "incomplete stream"
        }
    }

    /// One example of it, in full.
    var message: String {
        switch self {
        case .http(let error): "\(error)"
        case .status(let code, let message): "status \(code): \(message)"
        case .errorEvent(let message): message
        case .malformedStream(let what): what
        case .incompleteStream: "the stream ended without a finish reason"
        }
    }
}

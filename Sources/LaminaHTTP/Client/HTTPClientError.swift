/// Why a request got no complete response.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// What a time-out was waiting for.
    package enum Phase: String, Sendable, Equatable {
        /// A connection.
        case connecting = "connecting"
        /// Room to send the request.
        case sending = "sending the request"
        /// The head of the response.
        case response = "waiting for the response to begin"
        /// More of the body.
        case body = "waiting for more of the response"
    }

    /// The text is not a URL of the form `http://host[:port][/path]`.
    case malformedURL(String)
    /// A URL of a scheme that is not served.
    case unsupportedScheme(String)
    /// A header value with a control character, which would split the request.
    case malformedHeader(name: String)
    /// No connection; `reason` is what the system says.
    case cannotConnect(origin: HTTPOrigin, reason: String)
    /// Nothing happened for too long, or the whole took too long.
    case timedOut(origin: HTTPOrigin, phase: Phase, limit: Duration)
    /// The connection broke: reset by the server, or by the system on the way.
    case connectionLost(origin: HTTPOrigin, reason: String)
    /// What the server sent is no response.
    case malformedResponse(origin: HTTPOrigin, fault: ResponseFault)
    /// The task was cancelled.
    case cancelled
}

extension HTTPClientError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .malformedURL(let text): "'\(text)' is not a URL of the form http://host:port/path"
        case .unsupportedScheme(let text): "'\(text)' does not begin with http://, the only scheme this command speaks"
        case .malformedHeader(let name): "the value of the header '\(name)' contains a control character"
        case .cannotConnect(let origin, let reason):
            "cannot connect to \(origin): \(reason); check that the server runs and that host and port are right"
        case .timedOut(let origin, let phase, let limit):
            "\(origin) took longer than \(limit / .seconds(1)) s while \(phase.rawValue); "
                + "it may be overloaded: allow more time or send less"
        case .connectionLost(let origin, let reason):
            "the connection to \(origin) broke: \(reason); the server's log may say why"
        case .malformedResponse(let origin, let fault): "\(origin) did not answer as it should: \(fault)"
        case .cancelled: "cancelled"
        }
    }
}

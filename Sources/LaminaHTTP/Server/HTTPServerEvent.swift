package import HTTPTypes

/// Something that happened in a server, for the caller to count and log.
package enum HTTPServerEvent: Sendable {
    /// A connection was accepted.
    case connectionOpened(remoteAddress: String)
    /// A connection is encrypted.
    case handshakeFinished(TLSSecurity, remoteAddress: String)
    /// A connection could not be encrypted and was closed.
    case handshakeFailed(TLSFailure, remoteAddress: String)
    /// A connection ended after that many requests.
    case connectionClosed(remoteAddress: String, requests: Int)
    /// A connection was answered with 503, or only closed, because there were too many.
    case connectionRefused(ConnectionLimit, remoteAddress: String)
    /// No descriptor is free for another connection; the server waits a little before it tries again.
    case acceptSuspended(reason: String)
    /// A request was answered with an error before a handler saw it, or dropped (`truncated`).
    case requestRefused(RequestError, remoteAddress: String)
    /// A handler's response could not be encoded; 500 was sent in its place.
    case responseReplaced(ResponseError, path: String)
    /// A request was answered, or its answer broke off.
    case requestFinished(RequestReport)
}

/// How the answer to a request went.
package struct RequestReport: Sendable {
    /// How the writing of the answer ended.
    package enum Outcome: Sendable, Equatable {
        /// The whole answer was written.
        case complete
        /// The client went away first.
        case clientGone
        /// The client read too slowly.
        case writeTimedOut
        /// The server was stopped, or its drain took too long.
        case cancelled
        /// The closure writing the body threw; the payload describes the error.
        case bodyFailed(String)
    }

    /// The request's method.
    package let method: HTTPRequest.Method
    /// The request's decoded path.
    package let path: String
    /// The pattern of the route, if a router answered.
    package let route: String?
    /// The status sent.
    package let status: HTTPResponse.Status
    /// Bytes of the request's body.
    package let requestBytes: Int
    /// Bytes of the response's body that were written, without framing.
    package let responseBytes: Int
    /// From the first byte of the request to the last of the response.
    package let duration: Duration
    /// The peer as `address:port`.
    package let remoteAddress: String
    /// How it ended.
    package let outcome: Outcome

    /// A report.
    package init(
        method: HTTPRequest.Method, path: String, route: String?, status: HTTPResponse.Status, requestBytes: Int,
        responseBytes: Int, duration: Duration, remoteAddress: String, outcome: Outcome
    ) {
        self.method = method
        self.path = path
        self.route = route
        self.status = status
        self.requestBytes = requestBytes
        self.responseBytes = responseBytes
        self.duration = duration
        self.remoteAddress = remoteAddress
        self.outcome = outcome
    }
}

/// Hears about what happens in a server. Called from the connections' tasks: return soon.
package protocol HTTPServerObserver: Sendable {
    /// Something happened.
    func observe(_ event: HTTPServerEvent)
}

package import HTTPTypes

/// What a handler answers.
package struct OutgoingResponse: Sendable {
    /// The body of a response.
    package enum Body: Sendable {
        /// No body.
        case none
        /// A body known as a whole, sent with Content-Length.
        case bytes([UInt8])
        /// A body written piece by piece, chunked (HTTP/1.0: up to the end of the connection). The head goes out with the
        /// first piece. If the closure throws before, the answer is the `InsteadOfStream` it throws, else 500; afterwards the
        /// connection is closed without the end of the body, so that the client can tell. The closure runs in the request's
        /// task and is cancelled with it. It does not run for HEAD.
        case stream(@Sendable (any ResponseBodyWriter) async throws -> Void)
    }

    /// The status, a final one.
    package var status: HTTPResponse.Status
    /// The fields. Content-Length, Transfer-Encoding, Connection, Keep-Alive and Date are the connection's to set, except
    /// that `Connection: close` is obeyed.
    package var headers: HTTPFields
    /// The body.
    package var body: Body
    /// The pattern of the route that answered, for logs and metrics; set by `Router`.
    package var route: String?
    /// Called once, right before the head is written: sets fields whose values are of that moment.
    package var onHead: (@Sendable (inout HTTPFields) -> Void)?
    /// Called once when the answer was written or has broken off, the body's closure having run or not.
    package var onFinished: (@Sendable (RequestReport) -> Void)?

    /// A response.
    package init(
        status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields(), body: Body = .none
    ) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}

/// Takes the pieces of a streamed body.
package protocol ResponseBodyWriter: Sendable {
    /// Writes bytes and returns when the kernel has taken them; a slow client thereby slows its writer down.
    ///
    /// Several tasks may write; they take turns, each piece stays whole. Throws `SocketError`: `peerGone`, `timedOut` after
    /// the write time-out, `cancelled`, or `closed` when the response has already ended.
    func write(_ bytes: [UInt8]) async throws
}

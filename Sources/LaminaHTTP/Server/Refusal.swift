package import HTTPTypes

/// A request or a connection that the server answers with an error without asking a handler.
package struct Refusal: Sendable {
    /// The status of the answer.
    package let status: HTTPResponse.Status
    /// One sentence for the client: what is wrong.
    package let message: String
    /// The peer as `address:port`.
    package let remoteAddress: String
    /// The limit that left no place for a connection; nil where it is a request that is refused.
    package let connectionLimit: ConnectionLimit?
    /// The request's method, where it was understood.
    package var method: HTTPRequest.Method?
    /// The request's decoded path, where it was understood.
    package var path: String?
    /// The request's fields, where all of them were understood.
    package var fields = HTTPFields()

    /// Of a connection for which there is no place.
    package init(_ limit: ConnectionLimit, remoteAddress: String) {
        status = .serviceUnavailable
        message = limit.message
        self.remoteAddress = remoteAddress
        connectionLimit = limit
    }

    /// Of a request.
    package init(_ error: RequestError, remoteAddress: String) {
        status = error.status
        message = error.description
        self.remoteAddress = remoteAddress
        connectionLimit = nil
    }

    /// Makes the answer. The server adds `Connection: close`.
    package typealias Renderer = @Sendable (Refusal) -> OutgoingResponse
}

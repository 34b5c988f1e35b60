package import HTTPTypes

/// The body of an error answer that no handler wrote.
package struct ErrorBody: Sendable, Equatable {
    /// The value of Content-Type.
    package let contentType: String
    /// The body.
    package let bytes: [UInt8]
    /// Further fields of the answer.
    package let headers: HTTPFields

    /// Renders a status and a sentence saying what is wrong.
    package typealias Renderer = @Sendable (HTTPResponse.Status, String) -> ErrorBody

    /// A body.
    package init(contentType: String, bytes: [UInt8], headers: HTTPFields = HTTPFields()) {
        self.contentType = contentType
        self.bytes = bytes
        self.headers = headers
    }

    /// The sentence as one line of text.
    package static let plainText: Renderer = { _, message in
        ErrorBody(contentType: "text/plain; charset=utf-8", bytes: Array((message + "\n").utf8))
    }
}

extension OutgoingResponse {
    /// An error answer.
    init(error status: HTTPResponse.Status, _ message: String, _ render: ErrorBody.Renderer) {
        let body = render(status, message)
        var headers = body.headers
        headers[.contentType] = body.contentType
        self.init(status: status, headers: headers, body: .bytes(body.bytes))
    }
}

package import HTTPTypes

/// The answer in place of a stream that has not begun; thrown by the closure that would have written it.
package struct InsteadOfStream: Error {
    /// The status.
    package let status: HTTPResponse.Status
    /// Fields over those of the stream.
    package let headers: HTTPFields
    /// The whole body.
    package let body: [UInt8]

    /// An answer.
    package init(status: HTTPResponse.Status, headers: HTTPFields, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The stream's answer with this in place of its own status and body; what the layers around its handler added stays.
    func replacing(_ stream: OutgoingResponse) -> OutgoingResponse {
        var response = stream
        response.status = status
        response.headers[.contentEncoding] = nil
        for field in headers { response.headers[field.name] = field.value }
        response.body = .bytes(body)
        return response
    }
}

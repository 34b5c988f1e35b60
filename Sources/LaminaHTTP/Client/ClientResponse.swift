package import HTTPTypes

/// A response whose head has arrived and whose body is read as it comes. Belongs to the task that asked.
package final class ClientResponse {
    /// Status and header fields.
    package let head: ResponseHead
    /// Where it comes from: the request's URL, or the one redirects led to.
    package let url: HTTPURL
    let exchange: ClientExchange
    let limits: HTTPClientLimits

    init(head: ResponseHead, url: HTTPURL, exchange: ClientExchange, limits: HTTPClientLimits) {
        self.head = head
        self.url = url
        self.exchange = exchange
        self.limits = limits
    }

    /// The status.
    package var status: HTTPResponse.Status { head.status }

    /// The next piece of the body with the chunked coding taken off, never empty; nil at its end.
    package func next() async throws(HTTPClientError) -> ArraySlice<UInt8>? { try await exchange.next() }

    /// The rest of the body.
    ///
    /// - Throws: `HTTPClientError.malformedResponse` where it is larger than `HTTPClientLimits.collectedBytes`.
    package func collect() async throws(HTTPClientError) -> [UInt8] {
        var bytes: [UInt8] = []
        while let piece = try await next() {
            guard piece.count <= limits.collectedBytes - bytes.count else {
                throw .malformedResponse(origin: url.origin, fault: .bodyTooLarge(limitBytes: limits.collectedBytes))
            }
            bytes += piece
        }
        return bytes
    }
}

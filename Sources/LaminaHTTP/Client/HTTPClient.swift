/// An HTTP/1.1 client: connections are kept alive and used again, bodies of responses are read as they arrive.
///
/// Any number of tasks may send at the same time, each on a connection of its own.
package final class HTTPClient: Sendable {
    /// How long to wait unless a request says otherwise.
    package let timeouts: HTTPClientTimeouts
    private let limits: HTTPClientLimits
    private let pool: ConnectionPool

    /// A client with no connections yet.
    ///
    /// - Parameter keepAlive: how long an idle connection is kept. Shorter than most servers', which close first otherwise.
    package init(
        timeouts: HTTPClientTimeouts = HTTPClientTimeouts(), limits: HTTPClientLimits = HTTPClientLimits(),
        keepAlive: Duration = .seconds(4)
    ) {
        self.timeouts = timeouts
        self.limits = limits
        pool = ConnectionPool(limitPerOrigin: limits.idleConnectionsPerOrigin, maximumAge: keepAlive)
    }

    /// Sends a request and hands over the response when its head is there. The connection is used again if `handle` reads the
    /// body to its end, and closed otherwise.
    ///
    /// - Throws: `HTTPClientError`, and what `handle` throws. A status is no error.
    package func withResponse<Value>(
        to request: ClientRequest, _ handle: (ClientResponse) async throws -> Value
    ) async throws -> Value {
        let (stream, response, exchange) = try await start(request)
        defer { release(stream, exchange, request.url.origin) }
        return try await handle(response)
    }

    /// Sends a request and reads the whole response.
    ///
    /// - Throws: `HTTPClientError`.
    package func send(_ request: ClientRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
        try await withResponse(to: request) { (head: $0.head, body: try await $0.collect()) }
    }

    /// Closes idle connections; those in use are closed when their responses end.
    package func close() { pool.close() }

    /// Idle connections to an origin.
    func idleConnections(to origin: HTTPOrigin) -> Int { pool.idleCount(origin) }
}

extension HTTPClient {
    private func start(
        _ request: ClientRequest
    ) async throws(HTTPClientError) -> (any ByteStream, ClientResponse, ClientExchange) {
        let bytes = try request.encoded()
        let timeouts = request.timeouts ?? self.timeouts
        let deadline = timeouts.total.map { ContinuousClock.now + $0 }
        if let stream = pool.take(request.url.origin) {
            let exchange = ClientExchange(
                stream: stream, request: request, timeouts: timeouts, totalDeadline: deadline, limits: limits)
            do {
                return (stream, try await begin(exchange, stream, bytes, request), exchange)
            } catch {
                // RFC 9112 §9.3.1: the server may have closed the connection just as the request was sent.
                guard request.isRepeatable, !exchange.hasReceived, error.meansStaleConnection else { throw error }
            }
        }
        let stream = try await connect(request.url.origin, timeouts, deadline)
        let exchange = ClientExchange(
            stream: stream, request: request, timeouts: timeouts, totalDeadline: deadline, limits: limits)
        return (stream, try await begin(exchange, stream, bytes, request), exchange)
    }

    private func begin(
        _ exchange: ClientExchange, _ stream: any ByteStream, _ bytes: [UInt8], _ request: ClientRequest
    ) async throws(HTTPClientError) -> ClientResponse {
        do {
            let head = try await exchange.start(bytes)
            return ClientResponse(head: head, exchange: exchange, origin: request.url.origin, limits: limits)
        } catch {
            stream.close()
            throw error
        }
    }

    private func connect(
        _ origin: HTTPOrigin, _ timeouts: HTTPClientTimeouts, _ totalDeadline: ContinuousClock.Instant?
    ) async throws(HTTPClientError) -> any ByteStream {
        let deadline = min(.now + timeouts.connect, totalDeadline ?? .now + timeouts.connect)
        do {
            return try await ConnectedSocket.connect(host: origin.host, port: origin.port, until: deadline)
        } catch {
            switch error {
            case .timedOut: throw .timedOut(origin: origin, phase: .connecting, limit: timeouts.connect)
            case .cancelled: throw .cancelled
            case .cannotConnect(_, let reason): throw .cannotConnect(origin: origin, reason: reason)
            default: throw .cannotConnect(origin: origin, reason: error.description)
            }
        }
    }

    private func release(_ stream: any ByteStream, _ exchange: ClientExchange, _ origin: HTTPOrigin) {
        if exchange.isReusable {
            pool.put(stream, origin)
        } else {
            stream.close()
        }
    }
}

extension HTTPClientError {
    /// Whether it may come of a connection that the server had already closed.
    fileprivate var meansStaleConnection: Bool {
        switch self {
        case .connectionLost, .malformedResponse(_, .truncated): true
        default: false
        }
    }
}

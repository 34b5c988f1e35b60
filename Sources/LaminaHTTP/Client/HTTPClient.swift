package import HTTPTypes

/// An HTTP/1.1 client: connections are kept alive and used again, bodies of responses are read as they arrive, https, proxies
/// and redirects are taken care of.
///
/// Any number of tasks may send at the same time, each on a connection of its own.
package final class HTTPClient: Sendable {
    /// How long to wait unless a request says otherwise.
    package let timeouts: HTTPClientTimeouts
    private let limits: HTTPClientLimits
    private let connector: ClientConnector
    private let pool: ConnectionPool
    private let propagation: @Sendable () -> HTTPFields

    /// A client with no connections yet.
    ///
    /// - Parameters:
    ///   - proxies: what leads to the servers; by default what the environment says.
    ///   - tls: whom to trust with https URLs, and who this client is; nil makes a context of `usualTLS`
    ///     for the first https URL.
    ///   - usualTLS: see `tls`; by default the system's authorities, and nothing is shown.
    ///   - serverName: the name that certificates of servers must be for, whatever the URL's host is, as where one is reached
    ///     by its address; nil takes the host. Proxies' certificates are for their own names.
    ///   - propagation: asked for each request, in the task that sends it, for fields that belong to what it is sent for, such as
    ///     `traceparent`; those of the request itself go first.
    ///   - keepAlive: how long an idle connection is kept. Shorter than most servers', which close first otherwise.
    package init(
        timeouts: HTTPClientTimeouts = HTTPClientTimeouts(), limits: HTTPClientLimits = HTTPClientLimits(),
        proxies: ProxySettings = .environment, tls: TLSClientContext? = nil,
        usualTLS: TLSClientConfiguration = TLSClientConfiguration(), serverName: String? = nil,
        propagation: @escaping @Sendable () -> HTTPFields = { [:] }, keepAlive: Duration = .seconds(4)
    ) {
        self.propagation = propagation
        self.timeouts = timeouts
        self.limits = limits
        connector = ClientConnector(
            proxies: proxies, tls: tls, usualTLS: usualTLS, serverName: serverName, limits: limits)
        pool = ConnectionPool(limitPerKey: limits.idleConnectionsPerOrigin, maximumAge: keepAlive)
    }

    /// Sends a request and hands over the response when its head is there. The connection is used again if `handle` reads the
    /// body to its end, and closed otherwise.
    ///
    /// - Throws: `HTTPClientError`, and what `handle` throws. A status is no error, but for a proxy's 407.
    package func withResponse<Value>(
        to request: ClientRequest, _ handle: (ClientResponse) async throws -> Value
    ) async throws -> Value {
        let response = try await finalResponse(to: request)
        defer { release(response.exchange) }
        return try await handle(response)
    }

    /// Sends a request and reads the whole response. Unless the request has an Accept-Encoding or a Range of its own, gzip is
    /// asked for, and taken off again: the head says nothing of it.
    ///
    /// - Throws: `HTTPClientError`; `malformedResponse` where the body, or what it expands to, is larger than
    ///   `HTTPClientLimits.collectedBytes`.
    package func send(_ request: ClientRequest) async throws -> (head: ResponseHead, body: [UInt8]) {
        // A range counts bytes of the coded body, and is of no use without the rest of them.
        guard !request.headers.contains(.acceptEncoding), !request.headers.contains(.range) else {
            return try await withResponse(to: request) { (head: $0.head, body: try await $0.collect()) }
        }
        var request = request
        request.headers[.acceptEncoding] = ContentCoding.gzip.rawValue
        return try await withResponse(to: request) { try await $0.collectDecoded() }
    }

    /// Closes idle connections; those in use are closed when their responses end.
    package func close() { pool.close() }

    /// Idle connections on the direct way to an origin, or on another way.
    func idleConnections(to origin: HTTPOrigin) -> Int { idleConnections(on: .direct(origin)) }

    func idleConnections(on route: ConnectionRoute) -> Int { pool.idleCount(route) }
}

extension HTTPClient {
    /// The response at the end of the redirects. Its exchange must be released.
    private func finalResponse(to request: ClientRequest) async throws(HTTPClientError) -> ClientResponse {
        let deadline = (request.timeouts ?? timeouts).total.map { ContinuousClock.now + $0 }
        var trail = RedirectTrail(carrying(request))
        while true {
            let response = try await response(to: trail.request, deadline)
            do {
                if try !trail.follow(response.head) { return response }
                await discardBody(of: response)
            } catch {
                release(response.exchange)
                throw error
            }
            release(response.exchange)
        }
    }

    /// The request with the fields of what it is sent for.
    private func carrying(_ request: ClientRequest) -> ClientRequest {
        var request = request
        for field in propagation() where !request.headers.contains(field.name) { request.headers.append(field) }
        return request
    }

    private func response(
        to request: ClientRequest, _ totalDeadline: ContinuousClock.Instant?
    ) async throws(HTTPClientError) -> ClientResponse {
        let key = try connector.key(for: request)
        let bytes = try request.encoded(for: key.route.forwardProxy)
        let timeouts = request.timeouts ?? self.timeouts
        func exchange(_ stream: any ByteStream) -> ClientExchange {
            ClientExchange(
                stream: stream, key: key, request: request, timeouts: timeouts, totalDeadline: totalDeadline,
                limits: limits)
        }
        if let stream = pool.take(key) {
            let exchange = exchange(stream)
            do {
                return try await begin(exchange, bytes, request)
            } catch {
                // RFC 9112 §9.3.1: the server may have closed the connection just as the request was sent.
                guard request.isRepeatable, !exchange.hasReceived, error.meansStaleConnection else { throw error }
            }
        }
        let limit = ContinuousClock.now + timeouts.connect
        let stream = try await connector.connect(
            key, to: request.url.origin, until: min(limit, totalDeadline ?? limit), limit: timeouts.connect)
        return try await begin(exchange(stream), bytes, request)
    }

    private func begin(
        _ exchange: ClientExchange, _ bytes: [UInt8], _ request: ClientRequest
    ) async throws(HTTPClientError) -> ClientResponse {
        do throws(HTTPClientError) {
            let head = try await exchange.start(bytes)
            if let proxy = exchange.key.route.forwardProxy, head.status == .proxyAuthenticationRequired {
                throw .refusedByProxy(proxy: proxy.origin, origin: request.url.origin, status: head.status.code)
            }
            return ClientResponse(head: head, url: request.url, exchange: exchange, limits: limits)
        } catch {
            exchange.stream.close()
            throw error
        }
    }

    /// Reads the body of a redirect where that is less than making a new connection.
    private func discardBody(of response: ClientResponse) async {
        guard case .fixed(...HTTPClientLimits.discardedBytes) = response.head.framing else { return }
        do {
            while try await response.next() != nil { continue }
        } catch {
            // The connection is not used again then, which is all that follows from it.
            return
        }
    }

    private func release(_ exchange: ClientExchange) {
        if exchange.isReusable {
            pool.put(exchange.stream, exchange.key)
        } else {
            exchange.stream.close()
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

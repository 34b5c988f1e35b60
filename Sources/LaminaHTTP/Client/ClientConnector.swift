import HTTPTypes
import Synchronization

/// Makes connections: straight or through proxies, encrypted where the URL or the proxy's says so.
final class ClientConnector: Sendable {
    private let proxies: ProxySettings
    private let serverName: String?
    private let limits: HTTPClientLimits
    private let usualTLS: TLSClientConfiguration
    /// Made when the first https URL is asked for: reading the system's authorities takes a while.
    private let context: Mutex<TLSClientContext?>

    init(
        proxies: ProxySettings, tls: TLSClientContext?, usualTLS: TLSClientConfiguration, serverName: String?,
        limits: HTTPClientLimits
    ) {
        self.usualTLS = usualTLS
        self.proxies = proxies
        self.serverName = serverName
        self.limits = limits
        context = Mutex(tls)
    }

    /// What a connection for a request has to be like.
    ///
    /// - Throws: `HTTPClientError`: `malformedProxy` or `tls`.
    func key(for request: ClientRequest) throws(HTTPClientError) -> ConnectionPool.Key {
        let origin = request.url.origin
        let proxy = request.usesProxies ? try proxies.proxy(for: origin) : nil
        let isEncrypted = origin.scheme == .https || proxy?.origin.scheme == .https
        return ConnectionPool.Key(
            route: ConnectionRoute(to: origin, through: proxy), tls: isEncrypted ? try tlsContext(origin) : nil)
    }

    /// Opens a connection for a request to a server.
    func connect(
        _ key: ConnectionPool.Key, to origin: HTTPOrigin, until deadline: ContinuousClock.Instant, limit: Duration
    ) async throws(HTTPClientError) -> any ByteStream {
        let attempt = ConnectionAttempt(
            origin: origin, serverName: serverName ?? origin.host, tls: key.tls, deadline: deadline, limit: limit,
            limits: limits)
        switch key.route {
        case .direct: return try await attempt.direct()
        case .forward(let proxy): return try await attempt.connect(to: proxy)
        case .tunnel(_, let proxy): return try await attempt.tunnel(through: proxy)
        }
    }

    private func tlsContext(_ origin: HTTPOrigin) throws(HTTPClientError) -> TLSClientContext {
        let result: Result<TLSClientContext, TLSError> = context.withLock { context in
            if let context { return .success(context) }
            do throws(TLSError) {
                let made = try TLSClientContext(usualTLS)
                context = made
                return .success(made)
            } catch {
                return .failure(error)
            }
        }
        do throws(TLSError) { return try result.get() } catch { throw .tls(origin: origin, error) }
    }
}

/// One way to a server, step by step. What was opened is closed where a later step fails.
private struct ConnectionAttempt {
    let origin: HTTPOrigin
    /// Whose certificate the server's must be.
    let serverName: String
    let tls: TLSClientContext?
    let deadline: ContinuousClock.Instant
    /// The time allowed, for the error.
    let limit: Duration
    let limits: HTTPClientLimits

    func direct() async throws(HTTPClientError) -> any ByteStream {
        let socket: ConnectedSocket
        do {
            socket = try await ConnectedSocket.connect(host: origin.host, port: origin.port, until: deadline)
        } catch {
            throw failure(error) { .cannotConnect(origin: origin, reason: $0) }
        }
        return origin.scheme == .https ? try await secured(socket, origin, name: serverName) : socket
    }

    func connect(to proxy: ProxyServer) async throws(HTTPClientError) -> any ByteStream {
        let socket: ConnectedSocket
        do {
            socket = try await ConnectedSocket.connect(
                host: proxy.origin.host, port: proxy.origin.port, until: deadline)
        } catch {
            throw failure(error) { .cannotConnectToProxy(proxy: proxy.origin, origin: origin, reason: $0) }
        }
        return proxy.origin.scheme == .https ? try await secured(socket, proxy.origin, name: proxy.origin.host) : socket
    }

    func tunnel(through proxy: ProxyServer) async throws(HTTPClientError) -> any ByteStream {
        let stream = try await connect(to: proxy)
        do throws(HTTPClientError) {
            try await ProxyTunnel(proxy: proxy, origin: origin, limits: limits).open(over: stream, until: deadline)
        } catch {
            stream.close()
            if case .timedOut(_, let phase, _) = error { throw .timedOut(origin: origin, phase: phase, limit: limit) }
            throw error
        }
        return try await secured(stream, origin, name: serverName)
    }

    /// The stream with TLS on it; closed where that fails.
    private func secured(
        _ stream: any ByteStream, _ peer: HTTPOrigin, name: String
    ) async throws(HTTPClientError) -> any ByteStream {
        guard let tls else { preconditionFailure("the key of an encrypted route has a TLS context") }
        do throws(TLSError) {
            return try await TLSStream.client(over: stream, host: name, context: tls, until: deadline)
        } catch {
            guard case .transport(let error) = error else { throw .tls(origin: peer, error) }
            throw failure(error) { .connectionLost(origin: peer, reason: "in the TLS handshake, \($0)") }
        }
    }

    private func failure(_ error: SocketError, _ make: (String) -> HTTPClientError) -> HTTPClientError {
        switch error {
        case .timedOut: .timedOut(origin: origin, phase: .connecting, limit: limit)
        case .cancelled: .cancelled
        case .cannotConnect(_, let reason): make(reason)
        default: make(error.description)
        }
    }
}

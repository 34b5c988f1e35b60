/// The way to a server.
enum ConnectionRoute: Sendable, Hashable {
    /// Straight to it.
    case direct(HTTPOrigin)
    /// To a proxy that is asked for http URLs in absolute form (RFC 9112 §3.2.2): the connection serves every server.
    case forward(ProxyServer)
    /// Through a tunnel that a proxy opens to an https server (RFC 9110 §9.3.6).
    case tunnel(HTTPOrigin, ProxyServer)

    init(to origin: HTTPOrigin, through proxy: ProxyServer?) {
        self =
            switch (proxy, origin.scheme) {
            case (nil, _): .direct(origin)
            case (let proxy?, .http): .forward(proxy)
            case (let proxy?, .https): .tunnel(origin, proxy)
            }
    }

    /// The proxy that reads the requests themselves.
    var forwardProxy: ProxyServer? {
        if case .forward(let proxy) = self { proxy } else { nil }
    }
}

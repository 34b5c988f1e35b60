/// Why a request got no complete response.
package enum HTTPClientError: Error, Sendable, Equatable {
    /// What a time-out was waiting for.
    package enum Phase: String, Sendable, Equatable {
        /// A connection: to the server or a proxy, with the tunnel and the TLS handshake.
        case connecting = "connecting"
        /// Room to send the request.
        case sending = "sending the request"
        /// The head of the response.
        case response = "waiting for the response to begin"
        /// More of the body.
        case body = "waiting for more of the response"
    }

    /// The text is not a URL of the form `http://host[:port][/path]`.
    case malformedURL(String)
    /// A URL of a scheme that is not served.
    case unsupportedScheme(String)
    /// A header value with a control character, which would split the request.
    case malformedHeader(name: String)
    /// A proxy is set to something that is none; `setting` says where, and never what, which may hold a password.
    case malformedProxy(setting: String, reason: String)
    /// No connection; `reason` is what the system says.
    case cannotConnect(origin: HTTPOrigin, reason: String)
    /// No connection to the proxy that leads to a server.
    case cannotConnectToProxy(proxy: HTTPOrigin, origin: HTTPOrigin, reason: String)
    /// The proxy does not let the request through: it answered with this status.
    case refusedByProxy(proxy: HTTPOrigin, origin: HTTPOrigin, status: Int)
    /// The settings of TLS cannot be used, or the handshake failed: the certificate is not trusted, is another host's...
    case tls(origin: HTTPOrigin, TLSError)
    /// A redirect that is not followed; `to` is the Location without its query.
    case redirectRefused(from: HTTPOrigin, to: String, fault: RedirectFault)
    /// Nothing happened for too long, or the whole took too long.
    case timedOut(origin: HTTPOrigin, phase: Phase, limit: Duration)
    /// The connection broke: reset by the server, or by the system on the way.
    case connectionLost(origin: HTTPOrigin, reason: String)
    /// What the server sent is no response.
    case malformedResponse(origin: HTTPOrigin, fault: ResponseFault)
    /// The task was cancelled.
    case cancelled
}

extension HTTPClientError: CustomStringConvertible {
    /// What is wrong, where, and what to do.
    package var description: String {
        switch self {
        case .malformedURL(let text): "'\(Self.withoutUser(text))' is not a URL of the form http://host:port/path"
        case .unsupportedScheme(let text):
            "'\(Self.withoutUser(text))' does not begin with http:// or https://, the schemes this command speaks"
        case .malformedHeader(let name): "the value of the header '\(name)' contains a control character"
        case .malformedProxy(let setting, let reason): "\(setting) does not name a usable proxy: \(reason)"
        case .cannotConnect(let origin, let reason):
            "cannot connect to \(origin): \(reason); check that the server runs and that host and port are right"
        case .cannotConnectToProxy(let proxy, let origin, let reason):
            "cannot connect to the proxy \(proxy) on the way to \(origin): \(reason); "
                + "check the proxy's address, or name the host in NO_PROXY if it is reached without one"
        case .refusedByProxy(let proxy, let origin, 407):
            "the proxy \(proxy) wants a user and a password before it leads to \(origin), or others than those it got; "
                + "put them into the proxy's URL: http://user:password@host:port"
        case .refusedByProxy(let proxy, let origin, let status):
            "the proxy \(proxy) does not lead to \(origin): it answered with status \(status); "
                + "ask who runs it, or name the host in NO_PROXY if it is reached without one"
        case .tls(_, let error): "\(error)"
        case .redirectRefused(let origin, let target, let fault):
            "the redirect from \(origin) to '\(target)' is not followed: \(fault)"
        case .timedOut(let origin, let phase, let limit):
            "\(origin) took longer than \(limit / .seconds(1)) s while \(phase.rawValue); "
                + "it may be overloaded: allow more time or send less"
        case .connectionLost(let origin, let reason):
            "the connection to \(origin) broke: \(reason); the server's log may say why"
        case .malformedResponse(let origin, let fault): "\(origin) did not answer as it should: \(fault)"
        case .cancelled: "cancelled"
        }
    }

    /// A URL may hold a password where it should not; it is not repeated.
    private static func withoutUser(_ text: String) -> String {
        guard let separator = text.firstRange(of: "://") else { return text }
        let rest = text[separator.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@") else { return text }
        return "\(text[..<separator.upperBound])...\(rest[at...])"
    }
}

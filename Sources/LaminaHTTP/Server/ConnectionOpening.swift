import HTTPTypes

/// What precedes the first request of a connection: the TLS handshake, where its listener asks for one.
struct ConnectionOpening: Sendable {
    let stream: any ByteStream
    let services: ConnectionServices

    /// Returns false where the connection cannot be served.
    func run() async -> Bool {
        guard let tls = stream as? TLSStream else { return true }
        do throws(TLSFailure) {
            try await tls.accept(until: .now + services.configuration.handshakeTimeout)
            if let security = tls.security {
                services.observer?.observe(.handshakeFinished(security, remoteAddress: stream.remoteAddress))
            }
            return true
        } catch {
            services.observer?.observe(.handshakeFailed(error, remoteAddress: stream.remoteAddress))
            await end(tls.transport, error.cause)
            return false
        }
    }

    private func end(_ transport: any ByteStream, _ cause: TLSFailure.Cause) async {
        switch cause {
        case .timedOut, .disconnected, .stopped: return
        case .plainHTTP: await refusePlainRequest(transport)
        default: break
        }
        // A peer that has sent more than was read must still get the alert, not a reset.
        await transport.linger(for: services.configuration.lingerTimeout)
    }

    private func refusePlainRequest(_ transport: any ByteStream) async {
        var response = services.refusal(Refusal(plainRequestFrom: stream.remoteAddress))
        response.headers[.connection] = "close"
        let sender = ResponseSender(stream: transport, state: ConnectionStateBox(), services: services)
        _ = await sender.send(response, version: .http1_1, isHead: false, path: "")
    }
}

extension Refusal {
    /// Of a request that should have been encrypted.
    fileprivate init(plainRequestFrom remoteAddress: String) {
        connectionLimit = nil
        status = .badRequest
        message = "This port speaks TLS, and a plain HTTP request was sent to it; use https://."
        self.remoteAddress = remoteAddress
    }
}

extension HTTPListener {
    /// The stream of a connection that was accepted here; encrypted by the certificates that are in force now.
    func stream(over socket: ConnectedSocket) -> any ByteStream {
        guard let tls else { return socket }
        return TLSStream(server: tls.current, over: socket)
    }
}

import HTTPTypes

/// Asks a proxy for a tunnel to a server (CONNECT, RFC 9110 §9.3.6).
struct ProxyTunnel {
    let proxy: ProxyServer
    let origin: HTTPOrigin
    let limits: HTTPClientLimits

    /// Returns when the stream leads to the server.
    func open(
        over stream: any ByteStream, until deadline: ContinuousClock.Instant
    ) async throws(HTTPClientError) {
        let head: ResponseHead
        do {
            let remaining = max(.zero, ContinuousClock.now.duration(to: deadline))
            try await stream.write(request, timeout: remaining, until: deadline)
            head = try await response(from: stream, until: deadline)
        } catch let fault as ResponseFault {
            throw .malformedResponse(origin: proxy.origin, fault: fault)
        } catch let error as SocketError {
            switch error {
            case .timedOut: throw .timedOut(origin: origin, phase: .connecting, limit: .zero)
            case .cancelled: throw .cancelled
            default:
                throw .cannotConnectToProxy(proxy: proxy.origin, origin: origin, reason: error.description)
            }
        } catch {
            preconditionFailure("stream and parser throw nothing else: \(error)")
        }
        guard head.status.kind == .successful else {
            throw .refusedByProxy(proxy: proxy.origin, origin: origin, status: head.status.code)
        }
    }

    private var request: [UInt8] {
        let target = SocketAddress.text(host: origin.host, port: origin.port)
        let authorization = proxy.authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
        return Array("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\(authorization)\r\n".utf8)
    }

    private func response(
        from stream: any ByteStream, until deadline: ContinuousClock.Instant
    ) async throws -> ResponseHead {
        var parser = ResponseParser(limits: limits)
        parser.begin(responseTo: .connect)
        while true {
            if let event = try parser.next() {
                guard case .head(let head) = event else { preconditionFailure("a response begins with its head") }
                // In TLS the client speaks first: bytes behind the head are not the server's.
                guard head.status.kind != .successful || parser.bufferedBytes == 0 else {
                    throw ResponseFault.unexpectedUpgrade
                }
                return head
            }
            switch try await stream.read(until: deadline) {
            case .bytes(let bytes): parser.feed(bytes)
            case .endOfStream: _ = try parser.endOfStream()
            case .interrupted: continue
            }
        }
    }
}

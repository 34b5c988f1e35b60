import Synchronization

extension TLSStream {
    /// Makes a TLS connection to a server over a connected stream, and closes that stream where this fails.
    ///
    /// - Parameters:
    ///   - host: the name or IP address that the server's certificate must be for.
    ///   - deadline: when the handshake must be done.
    /// - Throws: `TLSError.handshakeFailed` or `transport`.
    package static func client(
        over transport: any ByteStream, host: String, context: TLSClientContext, until deadline: ContinuousClock.Instant
    ) async throws(TLSError) -> TLSStream {
        let stream = TLSStream(transport, .client(context, host: host))
        do throws(TLSFailure) {
            try stream.start()
            try await stream.handshake(until: deadline)
            return stream
        } catch {
            stream.close()
            switch error.cause {
            case .timedOut: throw .transport(.timedOut)
            case .disconnected: throw .transport(.peerGone)
            case .stopped: throw .transport(.cancelled)
            default: throw .handshakeFailed(host: host, error, advice: context.advice(for: error.cause))
            }
        }
    }

    /// Does the server's part of the handshake. After a failure the alert has been sent, and `transport` is still open, to
    /// answer a plain request and to linger.
    package func accept(until deadline: ContinuousClock.Instant) async throws(TLSFailure) {
        // Nothing is set aside for a peer before it says something.
        let first = try await receive(until: deadline)
        // A handshake begins with a record of type 22. RFC 9110 §9.1: methods are upper-case letters.
        if let byte = first.first, (0x41...0x5A).contains(byte) {
            throw TLSFailure(.plainHTTP, "a plain HTTP request was sent to the TLS port")
        }
        try start()
        state.withLock { $0.session?.receive(first) }
        try await handshake(until: deadline)
    }

    private func start() throws(TLSFailure) {
        let hasStarted = state.withLock { state in
            switch side {
            case .server(let context): state.session = context.makeSession()
            case .client(let context, let host): state.session = context.makeSession(host: host)
            }
            return state.session != nil
        }
        guard hasStarted else {
            throw TLSFailure(.malformed, "OpenSSL made no connection: \(OpenSSLErrors.takeText())")
        }
    }

    private func handshake(until deadline: ContinuousClock.Instant) async throws(TLSFailure) {
        while true {
            let step = state.withLock { $0.session?.handshake() } ?? .failed(TLSFailure(.stopped, "closed"))
            do throws(SocketError) {
                try await send(timeout: max(.zero, ContinuousClock.now.duration(to: deadline)))
            } catch {
                // The failure that its alert could not be sent for is the cause.
                if case .failed(let failure) = step { throw failure }
                throw TLSFailure(error)
            }
            switch step {
            case .done:
                state.withLock { state in state.security = state.session.map { TLSSecurity($0) } }
                return
            case .failed(let failure): throw failure
            case .needsInput:
                let bytes = try await receive(until: deadline)
                state.withLock { $0.session?.receive(bytes) }
            }
        }
    }

    /// Reads bytes of the handshake.
    private func receive(until deadline: ContinuousClock.Instant) async throws(TLSFailure) -> [UInt8] {
        // A peer whose bytes are always there would never let the read wait, where time counts.
        if deadline <= .now { throw TLSFailure(.timedOut, "the handshake took too long") }
        do throws(SocketError) {
            while true {
                switch try await transport.read(until: deadline) {
                case .bytes(let bytes): return bytes
                case .endOfStream: throw SocketError.peerGone
                // A drain: the request that the peer connects for is still answered, or the wait for it ends soon.
                case .interrupted: continue
                }
            }
        } catch {
            throw TLSFailure(error)
        }
    }
}

extension TLSFailure {
    /// A handshake that the connection below let down.
    fileprivate init(_ error: SocketError) {
        switch error {
        case .timedOut: self.init(.timedOut, "the handshake took too long")
        case .cancelled, .closed: self.init(.stopped, "this side ended the handshake")
        default: self.init(.disconnected, "the peer left in the middle of the handshake")
        }
    }
}

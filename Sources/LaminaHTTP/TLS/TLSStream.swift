import COpenSSL
import Synchronization

/// A connection encrypted by TLS, over any other stream.
///
/// Reading waits for the stream below to be readable only, writing for it to be writable only. What the peer's messages make
/// this side answer while reading (key updates, alerts) is queued behind what is being written, and sent by the
/// writer where there is one, else at once as far as the kernel takes it.
package final class TLSStream: ByteStream {
    enum Side: Sendable {
        case server(TLSServerContext)
        case client(TLSClientContext, host: String)
    }

    struct State {
        /// Nil before the first bytes of the handshake, and after `close`.
        var session: TLSSession?
        var security: TLSSecurity?
        /// A writer has taken output and waits for the stream below to take it.
        var isSending = false
        /// Part of a record may be lost: nothing may follow it.
        var isTorn = false
    }

    /// The stream below.
    package let transport: any ByteStream
    let side: Side
    let state = Mutex(State())

    init(_ transport: any ByteStream, _ side: Side) {
        self.transport = transport
        self.side = side
    }

    /// The server's end of a connection; `accept` must follow.
    package convenience init(server context: TLSServerContext, over transport: any ByteStream) {
        self.init(transport, .server(context))
    }

    package var remoteAddress: String { transport.remoteAddress }

    /// What was agreed on; nil before the handshake is done.
    package var security: TLSSecurity? { state.withLock { $0.security } }

    package func interruptRead() { transport.interruptRead() }

    package func onReadable(_ action: (@Sendable () -> Void)?) { transport.onReadable(action) }

    package func setAcknowledgementTimeout(_ timeout: Duration) { transport.setAcknowledgementTimeout(timeout) }
}

// MARK: Reading

extension TLSStream {
    package func read(until deadline: ContinuousClock.Instant?) async throws(SocketError) -> ReadOutcome {
        while true {
            if let outcome = try readReceived() { return outcome }
            // A peer that sends key updates without end would never let the read below wait, where time counts.
            if let deadline, deadline <= .now { throw .timedOut }
            if Task.isCancelled { throw .cancelled }
            switch try await transport.read(until: deadline) {
            case .bytes(let bytes): state.withLock { $0.session?.receive(bytes) }
            case .endOfStream: return try endOfTransport()
            case .interrupted: return .interrupted
            }
        }
    }

    package func readNow() throws(SocketError) -> ReadOutcome? {
        while true {
            if let outcome = try readReceived() { return outcome }
            switch try transport.readNow() {
            case .bytes(let bytes): state.withLock { $0.session?.receive(bytes) }
            case .endOfStream: return try endOfTransport()
            case .interrupted: return .interrupted
            case nil: return nil
            }
        }
    }

    /// Decrypts what has arrived; nil where that is no whole record.
    private func readReceived() throws(SocketError) -> ReadOutcome? {
        let (step, waiting) = state.withLock { state in
            let step = state.session?.read()
            sendNow(&state)
            // While a writer is at it, part of the output is its own.
            let ours = state.isSending ? 2 * TLSLimits.plaintextBytes : 0
            return (step, (state.session?.output.count ?? 0) - ours)
        }
        switch step {
        case .bytes(let bytes): return .bytes(bytes)
        case .closed: return .endOfStream
        case .failed(let failure): throw .tls(reason: failure.reason)
        case nil: throw .closed
        case .needsInput:
            if waiting > TLSLimits.waitingAnswerBytes {
                throw .tls(reason: "the peer asks for more answers than it reads")
            }
            return nil
        }
    }

    /// The end of the stream below without the peer's word that it is meant (RFC 8446 §6.1). A client must not take what it
    /// has for the whole; a server's requests carry their own length.
    private func endOfTransport() throws(SocketError) -> ReadOutcome {
        switch side {
        case .server: return .endOfStream
        case .client:
            throw .tls(reason: "the connection ended without the server's close_notify: the data may be cut off")
        }
    }
}

// MARK: Writing

extension TLSStream {
    package func write(_ bytes: [UInt8], timeout: Duration) async throws(SocketError) {
        var rest = bytes[...]
        repeat {
            let piece = rest.prefix(TLSLimits.plaintextBytes)
            rest = rest.dropFirst(piece.count)
            try encrypt(piece, thenSends: true)
            try await send(timeout: timeout)
        } while !rest.isEmpty
    }

    package func writeNow(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int {
        let mayWrite = state.withLock { state in
            sendNow(&state)
            return !state.isSending && state.session?.output.isEmpty ?? true
        }
        guard mayWrite else { return 0 }
        let piece = bytes.prefix(Int(SSL3_RT_MAX_PLAIN_LENGTH))
        try encrypt(piece, thenSends: false)
        // What the stream below does not take now goes before whatever is written next.
        state.withLock { sendNow(&$0) }
        return piece.count
    }

    private func encrypt(_ bytes: ArraySlice<UInt8>, thenSends: Bool) throws(SocketError) {
        let failure: SocketError? = state.withLock { state in
            guard let session = state.session else { return .closed }
            if state.isTorn { return .peerGone }
            do throws(TLSFailure) {
                try session.write(bytes)
                // From here on the reader leaves its answers to the writer.
                state.isSending = thenSends
                return nil
            } catch {
                return .tls(reason: error.reason)
            }
        }
        if let failure { throw failure }
    }

    /// Sends all output, and what is added to it meanwhile.
    func send(timeout: Duration) async throws(SocketError) {
        while let output = takeOutput() {
            do throws(SocketError) {
                try await transport.write(output, timeout: timeout)
            } catch {
                state.withLock { state in
                    state.isSending = false
                    state.isTorn = true
                }
                throw error
            }
        }
    }

    private func takeOutput() -> [UInt8]? {
        state.withLock { state in
            let output = state.session?.takeOutput() ?? []
            state.isSending = !output.isEmpty && !state.isTorn
            return state.isSending ? output : nil
        }
    }

    /// Sends as much output as the stream below takes at once, unless a writer is at it.
    private func sendNow(_ state: inout State) {
        guard !state.isSending, !state.isTorn, let session = state.session, !session.output.isEmpty else { return }
        do throws(SocketError) {
            let output = session.output
            session.dropOutput(try transport.writeNow(output[...]))
        } catch {
            state.isTorn = true
        }
    }
}

// MARK: Closing

extension TLSStream {
    package func shutdownWrite() {
        sayClosed()
        transport.shutdownWrite()
    }

    package func linger(for timeout: Duration) async {
        state.withLock { $0.session?.close() }
        do {
            try await send(timeout: timeout)
        } catch {
            return
        }
        await transport.linger(for: timeout)
    }

    package func close() {
        sayClosed()
        state.withLock { $0.session = nil }
        transport.close()
    }

    private func sayClosed() {
        state.withLock { state in
            state.session?.close()
            sendNow(&state)
        }
    }
}

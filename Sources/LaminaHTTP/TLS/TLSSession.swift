import COpenSSL

/// One end of a TLS connection as a state machine: encrypted bytes in, encrypted bytes out, no descriptor, no waiting.
///
/// Not for two tasks at once: `TLSStream` uses it under a lock. Everything it has to say to the peer, alerts and answers to
/// key updates included, is appended to `output` in the order in which it must travel.
final class TLSSession {
    /// Where the handshake stands.
    enum HandshakeStep: Sendable, Equatable {
        case done
        /// More bytes of the peer are needed.
        case needsInput
        /// It failed; `output` has the alert.
        case failed(TLSFailure)
    }

    /// What a read brought.
    enum ReadStep: Sendable, Equatable {
        case bytes([UInt8])
        /// More bytes of the peer are needed.
        case needsInput
        /// The peer said that it will write no more (close_notify).
        case closed
        /// The connection failed; `output` has the alert.
        case failed(TLSFailure)
    }

    /// The SSL object, for queries; to be used like the session itself.
    let handle: OpaquePointer
    private let buffers = TLSBuffers()
    /// The context's owner: callbacks of the SSL object point to it.
    private let owner: AnyObject
    /// What the peer's certificate is for, where it was refused for that.
    var refusedHosts: [String] = []
    /// How reading ended; it does not go on after that.
    private var readEnd: ReadStep?
    private var hasClosed = false
    private var hasFailed = false

    /// The server's end, or a client's, which then needs to be told whom to expect. Nil where there is no memory.
    init?(_ context: SSLContext, owner: AnyObject, isServer: Bool) {
        guard let ssl = SSL_new(context.pointer) else { return nil }
        guard let bio = buffers.makeBIO() else {
            SSL_free(ssl)
            return nil
        }
        // One BIO for both directions: the SSL object takes the only reference to it.
        SSL_set_bio(ssl, bio, bio)
        if isServer { SSL_set_accept_state(ssl) } else { SSL_set_connect_state(ssl) }
        handle = ssl
        self.owner = owner
        HostMismatch.attach(self, to: ssl)
    }

    deinit { SSL_free(handle) }

    /// Takes encrypted bytes that arrived.
    func receive(_ bytes: [UInt8]) { buffers.receive(bytes) }

    /// Encrypted bytes for the peer.
    var output: [UInt8] { buffers.outbound }

    /// Hands over the encrypted bytes for the peer.
    func takeOutput() -> [UInt8] { buffers.takeOutbound() }

    /// Forgets the first bytes of `output`, which were sent.
    func dropOutput(_ count: Int) { buffers.dropOutbound(count) }

    /// Goes on with the handshake.
    func handshake() -> HandshakeStep {
        ERR_clear_error()
        let result = SSL_do_handshake(handle)
        if result == 1 { return .done }
        switch SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ: return .needsInput
        default:
            hasFailed = true
            return .failed(TLSFailure.last(of: handle).naming(refusedHosts))
        }
    }

    /// Decrypts what has arrived, up to a bound.
    func read() -> ReadStep {
        if let readEnd { return readEnd }
        var bytes: [UInt8] = []
        let end = withUnsafeTemporaryAllocation(byteCount: Int(SSL3_RT_MAX_PLAIN_LENGTH), alignment: 16) { scratch in
            while bytes.count < TLSLimits.readBytes {
                ERR_clear_error()
                var count = 0
                let result = SSL_read_ex(handle, scratch.baseAddress, scratch.count, &count)
                guard result == 1 else { return self.readStep(SSL_get_error(handle, result)) }
                bytes.append(contentsOf: scratch[..<count])
            }
            return .needsInput
        }
        if end != .needsInput { readEnd = end }
        return bytes.isEmpty ? end : .bytes(bytes)
    }

    private func readStep(_ error: Int32) -> ReadStep {
        switch error {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .closed
        default:
            hasFailed = true
            return .failed(.last(of: handle))
        }
    }

    /// Encrypts bytes; at most one record is not full.
    func write(_ bytes: ArraySlice<UInt8>) throws(TLSFailure) {
        guard !bytes.isEmpty else { return }
        if hasClosed { throw TLSFailure(.stopped, "the connection was closed for writing") }
        ERR_clear_error()
        var written = 0
        let result = bytes.withUnsafeBytes { SSL_write_ex(handle, $0.baseAddress, $0.count, &written) }
        if result == 1 { return }
        hasFailed = true
        // OpenSSL can wait here only in the middle of a message that the peer split in two, such as half a key update.
        if SSL_get_error(handle, result) == SSL_ERROR_WANT_READ {
            throw TLSFailure(.malformed, "the peer left a handshake message incomplete")
        }
        throw .last(of: handle)
    }

    /// Says that nothing more will be written (close_notify).
    func close() {
        guard !hasClosed, !hasFailed, SSL_is_init_finished(handle) == 1 else { return }
        hasClosed = true
        ERR_clear_error()
        _ = SSL_shutdown(handle)
        ERR_clear_error()
    }
}

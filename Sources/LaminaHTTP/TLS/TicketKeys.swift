import COpenSSL
import Synchronization

/// The keys that session tickets are encrypted with (RFC 5077 §4): random, in memory only, changed every two hours.
///
/// A ticket lives as long as a key is used, so that the key before the current one opens every ticket that is still valid.
/// Whoever gets hold of a key can read the TLS 1.2 sessions resumed with it, hence the change. A new context, after a
/// reload or a restart, begins with new keys: clients then make a full handshake, and are verified anew.
final class TicketKeys: Sendable {
    private struct Key {
        let name: [UInt8]
        let encryption: [UInt8]
        let authentication: [UInt8]
        let madeAt: ContinuousClock.Instant

        static let nameBytes = 16

        /// Nil where the system has no random bytes.
        init?(at now: ContinuousClock.Instant) {
            var bytes = [UInt8](repeating: 0, count: Self.nameBytes + 32 + 32)
            guard RAND_bytes(&bytes, Int32(bytes.count)) == 1 else { return nil }
            name = Array(bytes[..<Self.nameBytes])
            encryption = Array(bytes[Self.nameBytes..<Self.nameBytes + 32])
            authentication = Array(bytes[(Self.nameBytes + 32)...])
            madeAt = now
        }
    }

    private struct State {
        var current: Key?
        var previous: Key?
    }

    private static let lifetime = Duration.seconds(2 * 3600)
    private let state = Mutex(State())

    /// Makes a context use these keys, which must outlive it.
    func install(in context: OpaquePointer) {
        // Index 0 is the application's own.
        SSL_CTX_set_ex_data(context, 0, Unmanaged.passUnretained(self).toOpaque())
        SSL_CTX_set_tlsext_ticket_key_evp_cb(context) { ssl, name, vector, cipher, mac, encrypts in
            guard let ssl, let name, let vector, let cipher, let mac,
                let keys = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0)
            else { return -1 }
            let keyed = Unmanaged<TicketKeys>.fromOpaque(keys).takeUnretainedValue()
            return encrypts == 1 ? keyed.seal(name, vector, cipher, mac) : keyed.open(name, vector, cipher, mac)
        }
        // Resuming skips the verification, so a certificate that has expired since must be shown again.
        SSL_CTX_set_session_ticket_cb(
            context, nil,
            { _, session, _, _, status, _ in
                TicketKeys.verdict(session, status)
            }, nil)
    }

    /// The answers OpenSSL expects of the callback for tickets.
    private enum Answer {
        static let failed: Int32 = -1
        static let unknownKey: Int32 = 0
        static let done: Int32 = 1
        static let doneWithOldKey: Int32 = 2
    }

    private func seal(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer,
        _ mac: OpaquePointer
    ) -> Int32 {
        guard let key = currentKey(), RAND_bytes(vector, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 else {
            return Answer.failed
        }
        for (index, byte) in key.name.enumerated() { name[index] = byte }
        guard EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.encryption, vector) == 1,
            Self.authenticate(mac, key)
        else { return Answer.failed }
        return Answer.done
    }

    private func open(
        _ name: UnsafeMutablePointer<UInt8>, _ vector: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer,
        _ mac: OpaquePointer
    ) -> Int32 {
        let wanted = Array(UnsafeBufferPointer(start: name, count: Key.nameBytes))
        let (current, previous) = state.withLock { ($0.current, $0.previous) }
        guard let key = [current, previous].compactMap({ $0 }).first(where: { $0.name == wanted }) else {
            return Answer.unknownKey
        }
        guard EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.encryption, vector) == 1,
            Self.authenticate(mac, key)
        else { return Answer.failed }
        return key.name == current?.name ? Answer.done : Answer.doneWithOldKey
    }

    private static func authenticate(_ mac: OpaquePointer, _ key: Key) -> Bool {
        var secret = key.authentication
        return copenssl_hmac_sha256_init(mac, &secret, secret.count) == 1
    }

    private func currentKey() -> Key? {
        let now = ContinuousClock.now
        return state.withLock { state in
            if let key = state.current, key.madeAt.duration(to: now) < Self.lifetime { return key }
            guard let key = Key(at: now) else { return nil }
            state.previous = state.current
            state.current = key
            return key
        }
    }

    private static func verdict(_ session: OpaquePointer?, _ status: SSL_TICKET_STATUS) -> SSL_TICKET_RETURN {
        let isUsable = status == SSL_TICKET_SUCCESS || status == SSL_TICKET_SUCCESS_RENEW
        guard isUsable, let session else { return SSL_TICKET_RETURN(SSL_TICKET_RETURN_IGNORE_RENEW) }
        if let certificate = SSL_SESSION_get0_peer(session), X509_cmp_current_time(X509_get0_notAfter(certificate)) <= 0
        {
            return SSL_TICKET_RETURN(SSL_TICKET_RETURN_IGNORE_RENEW)
        }
        return status == SSL_TICKET_SUCCESS
            ? SSL_TICKET_RETURN(SSL_TICKET_RETURN_USE) : SSL_TICKET_RETURN(SSL_TICKET_RETURN_USE_RENEW)
    }
}

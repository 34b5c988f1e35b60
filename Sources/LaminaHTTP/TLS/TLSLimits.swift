/// Bounds of what TLS reads from files and keeps for a connection.
enum TLSLimits {
    /// A certificate chain or a key; real ones have a few kilobytes.
    static let certificateFileBytes = 1 << 20
    /// A bundle of authorities; a distribution's has 0.3 MiB.
    static let authorityFileBytes = 16 << 20
    /// A revocation list; those of large public authorities have some ten megabytes.
    static let revocationFileBytes = 64 << 20
    /// Text encrypted at once: four records. More would only be kept twice while the peer reads.
    static let plaintextBytes = 64 << 10
    /// Text decrypted at once.
    static let readBytes = 64 << 10
    /// Answers to the peer's own messages (key updates) that wait because it does not read. More is abuse.
    static let waitingAnswerBytes = 64 << 10
    /// The longest chain of a client's certificate, without the client's own and the authority's.
    static let verifyDepth = 1...16
    /// Cost in time of breaking keys that are still accepted: 2 is 112 bits, RSA 2048 or P-256 (SSL_CTX_set_security_level).
    static let securityLevel: Int32 = 2
}

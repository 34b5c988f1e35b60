/// How much of a response the client takes before it gives up. Everything a server sends is measured against one of these.
package struct HTTPClientLimits: Sendable, Equatable {
    /// Longest status line in bytes, line end included.
    package var statusLineBytes = 8 * 1024
    /// All header lines of a response together in bytes, line ends included.
    package var headerBytes = 64 * 1024
    /// Number of header fields.
    package var headerCount = 256
    /// Body bytes after the chunked coding is taken off. Streams are read piece by piece, so this bounds time, not memory.
    package var bodyBytes = 1 << 44
    /// Body bytes of an answer that is collected in memory.
    package var collectedBytes = 16 * 1024 * 1024
    /// Interim responses (1xx) before the final one.
    package var interimResponses = 16
    /// Bytes of a redirect's body that are read only to use its connection again.
    static let discardedBytes = 16 * 1024
    /// Idle connections kept for each way to a server; one more is closed.
    package var idleConnectionsPerOrigin = 256

    /// The limits a client uses when nothing else is configured.
    package init() {}

    /// What the parts of the parser that requests and responses share go by.
    var message: HTTPLimits {
        var limits = HTTPLimits()
        limits.headerBytes = headerBytes
        limits.headerCount = headerCount
        limits.bodyBytes = bodyBytes
        return limits
    }
}

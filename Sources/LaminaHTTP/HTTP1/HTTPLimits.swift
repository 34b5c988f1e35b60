/// How much of a request the server takes before it refuses. Everything a peer sends is measured against one of these.
package struct HTTPLimits: Sendable, Equatable {
    /// Longest request line in bytes, line end included; beyond it 414 (RFC 9112 §3 recommends at least 8000).
    package var requestLineBytes = 8 * 1024
    /// All header lines together in bytes, line ends included; beyond it 431.
    package var headerBytes = 64 * 1024
    /// Number of header fields; beyond it 431.
    package var headerCount = 128
    /// Body bytes after the chunked coding is taken off; beyond it 413.
    package var bodyBytes = 8 * 1024 * 1024
    /// All trailer lines of a chunked body together in bytes; beyond it 431.
    package var trailerBytes = 8 * 1024
    /// Number of trailer fields; beyond it 431.
    package var trailerCount = 32
    /// Longest line that opens a chunk, in bytes, line end included; beyond it 400.
    package var chunkLineBytes = 4 * 1024
    /// Framing bytes of a chunked body (sizes, extensions, line ends) beyond two for each byte of data: thousands of chunks
    /// of a byte each, or of long extensions, cost the server much more than the client; 400.
    package var chunkFramingBytes = 16 * 1024
    /// Empty lines skipped before a request line (RFC 9112 §2.2 asks for at least one); beyond it 400.
    package var leadingEmptyLines = 4

    /// The limits a server uses when nothing else is configured.
    package init() {}
}

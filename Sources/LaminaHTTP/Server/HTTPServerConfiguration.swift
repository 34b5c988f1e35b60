/// Where a server listens and how long and how much it waits for.
package struct HTTPServerConfiguration: Sendable {
    /// Where it listens, all at once; at least one.
    package var listeners: [HTTPListener]
    /// What a request may measure.
    package var limits = HTTPLimits()
    /// From accepting a connection to the end of its TLS handshake; then it is closed.
    package var handshakeTimeout = Duration.seconds(10)
    /// From the first byte of a request to the end of its header fields; then 408.
    package var readHeaderTimeout = Duration.seconds(10)
    /// From the end of the header fields to the end of the body; then 408.
    package var readBodyTimeout = Duration.seconds(60)
    /// Without a byte of the body; then 408.
    package var bodyIdleTimeout = Duration.seconds(20)
    /// Without a byte of a next request; then the connection is closed without a word.
    package var idleTimeout = Duration.seconds(75)
    /// Without progress in writing a response, or with too little (`WritePace`); then the connection is closed and the
    /// handler's write throws.
    package var writeTimeout = Duration.seconds(30)
    /// How long a closed connection is still read, so that the peer gets the response instead of a reset (RFC 9112 §9.6).
    package var lingerTimeout = Duration.seconds(1)
    /// Connections at the same time; one more is answered with 503.
    package var maximumConnections = 1024
    /// Connections of one peer at the same time (an IPv4 address, the /64 of an IPv6 address); one more is answered with
    /// 503. Nil for as many as it likes: behind a proxy or in a mesh, all clients come from a few addresses.
    package var maximumConnectionsPerPeer: Int?
    /// How old a connection gets before a response announces its end, give or take a tenth, so that not all of them come
    /// back at once; nil for any age. Connections made anew spread over servers that were added.
    package var maximumConnectionAge: Duration?
    /// Bytes of all request bodies together, beyond the first 64 KiB of each; then 503.
    package var maximumBodyMemory = 512 * 1024 * 1024
    /// Bytes read ahead of further requests while one is being answered; beyond it the socket is left unread, and a peer's
    /// disappearance is noticed by writing only.
    package var maximumPipelinedBytes = 64 * 1024
    /// How long after its last response, or after it was accepted, a drain leaves an idle connection open: a request may
    /// be on its way, and gets an answer with `Connection: close` instead of a reset.
    package var drainIdleGrace = Duration.seconds(1)
    /// How long a request that is still arriving may take after `beginDrain`; then 408.
    package var drainReadTimeout = Duration.seconds(2)
    /// How long running requests may take after `beginDrain`; then they are cancelled.
    package var drainTimeout = Duration.seconds(30)

    /// A configuration with the defaults above.
    package init(listeners: [HTTPListener]) {
        self.listeners = listeners
    }

    /// Plain HTTP on one TCP port.
    package init(host: String = "127.0.0.1", port: Int = 8080) {
        self.init(listeners: [HTTPListener(.internet(host: host, port: port))])
    }
}

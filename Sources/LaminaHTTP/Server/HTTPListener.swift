/// One place at which a server accepts connections, and how.
package struct HTTPListener: Sendable {
    /// Where it listens.
    package var endpoint: ListeningEndpoint
    /// Connections the kernel holds until they are accepted; it cuts this to `net.core.somaxconn`.
    package var backlog: Int32 = 1024
    /// The certificates where it speaks TLS; nil for plain HTTP.
    package var tls: ReloadableTLSContext?

    /// Plain HTTP at a place.
    package init(_ endpoint: ListeningEndpoint) {
        self.endpoint = endpoint
    }
}

import ArgumentParser
import LaminaHTTP
import LaminaServer

/// How many connections `serve` takes and how long it waits for them.
struct ConnectionOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Largest request body, such as 8M (environment: LAMINA_MAX_BODY). Default: 8M.", valueName: "bytes"))
    var maxBody: MemorySize?

    @Option(
        help: ArgumentHelp(
            "Connections at the same time; one more gets 503 (LAMINA_MAX_CONNECTIONS). Default: 1024.",
            valueName: "count"))
    var maxConnections: Int?

    @Option(
        help: ArgumentHelp(
            "Connections of one IPv4 address or IPv6 /64 at the same time; 0 for any number, since behind a proxy all "
                + "clients have its address (LAMINA_MAX_CONNECTIONS_PER_PEER). Default: 0.", valueName: "count"))
    var maxConnectionsPerPeer: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds a connection may be idle; longer than any proxy in front keeps it (LAMINA_IDLE_TIMEOUT). Default: 75, "
                + "behind a mesh's sidecar 3900.",
            valueName: "seconds"))
    var idleTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds a request's head may take to arrive; then 408 (LAMINA_READ_HEADER_TIMEOUT). Default: 10.",
            valueName: "seconds"))
    var readHeaderTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds a request's body may take to arrive; then 408 (LAMINA_READ_BODY_TIMEOUT). Default: 60.",
            valueName: "seconds"))
    var readBodyTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds without a byte of a request's body; then 408 (LAMINA_BODY_IDLE_TIMEOUT). Default: 20.",
            valueName: "seconds"))
    var bodyIdleTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds a client may read nothing of its answer; then it is cut off (LAMINA_WRITE_TIMEOUT). Default: 30.",
            valueName: "seconds"))
    var writeTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds, give or take a tenth, after which a connection's next answer says 'Connection: close', so that load "
                + "spreads over servers added; 0 for never (LAMINA_MAX_CONNECTION_AGE). Default: 0.",
            valueName: "seconds"))
    var maxConnectionAge: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds to go on taking requests after a signal to stop, unready, until load balancers have noticed "
                + "(LAMINA_DRAIN_DELAY). Default: 0.", valueName: "seconds"))
    var drainDelay: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds that running requests may take after that (LAMINA_DRAIN_TIMEOUT). Default: 30.",
            valueName: "seconds"))
    var drainTimeout: Int?

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        if let bytes = try read.bytes(maxBody, "max-body") { configuration.http.limits.bodyBytes = bytes }
        if let count = try read.number(maxConnections, "max-connections", 1...1_000_000) {
            configuration.http.maximumConnections = count
        }
        if let count = try read.number(maxConnectionsPerPeer, "max-connections-per-peer", 0...1_000_000) {
            configuration.http.maximumConnectionsPerPeer = count > 0 ? count : nil
        }
        try read.seconds(idleTimeout, "idle-timeout") { configuration.idleTimeout = $0 }
        try read.seconds(readHeaderTimeout, "read-header-timeout") { configuration.http.readHeaderTimeout = $0 }
        try read.seconds(readBodyTimeout, "read-body-timeout") { configuration.http.readBodyTimeout = $0 }
        try read.seconds(bodyIdleTimeout, "body-idle-timeout") { configuration.http.bodyIdleTimeout = $0 }
        try read.seconds(writeTimeout, "write-timeout") { configuration.http.writeTimeout = $0 }
        try read.seconds(maxConnectionAge, "max-connection-age", from: 0) {
            configuration.http.maximumConnectionAge = $0 > .zero ? $0 : nil
        }
        try read.seconds(drainDelay, "drain-delay", from: 0) { configuration.drainDelay = $0 }
        try read.seconds(drainTimeout, "drain-timeout", from: 0) { configuration.drainTimeout = $0 }
    }
}

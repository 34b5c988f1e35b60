package import LaminaEngine
package import LaminaHTTP

/// How a server is to run.
package struct ServerConfiguration: Sendable {
    /// Where and within which limits it serves HTTP.
    package var http: HTTPServerConfiguration
    /// How long a connection may be without a request; nil for 75 seconds, and for longer than proxies keep connections where a
    /// mesh's sidecar is in front (`MeshProxy.idleTimeout`).
    package var idleTimeout: Duration?
    /// How long the server goes on taking requests after a signal to stop, while /readyz says 503 and every response
    /// announces the end of its connection: the time that load balancers need to notice.
    package var drainDelay = Duration.zero
    /// How long running requests may take after that; then they are ended with an error.
    package var drainTimeout = Duration.seconds(30)
    /// How long a request may take from its first byte to its last token; nil for as long as it wants.
    package var requestTimeout: Duration?
    /// The longest silence of a streamed answer: then a comment is sent, and the head if it has not been; nil for any silence.
    package var heartbeat: Duration? = .seconds(10)
    /// When answers tell how loaded the server is.
    package var loadReports = LoadReportMode.onRequest
    /// The name requests use for the model; nil takes the file's name.
    package var modelName: String?
    /// How TCP listeners speak TLS; nil for plain HTTP.
    package var tls: TLSServerConfiguration?
    /// The clients that may use what the policy has no narrower rule about, by their certificates; empty for all.
    package var allowedIdentities: [IdentityPattern] = []
    /// The path of a file that says who may use which routes; nil for none.
    package var identityPolicy: String?
    /// The proxies whose word about their clients counts.
    package var trustedProxies = TrustedProxies()
    /// The inference gateways whose fairness ids and objectives count.
    package var trustedGateways = TrustedGateways()
    /// How much any one caller may ask for.
    package var callerLimits = CallerLimits()
    /// Further names that requests may use for the model.
    package var modelAliases: [String] = []
    /// Whether the metrics are there that inference gateways read, under vLLM's names.
    package var exportsGatewayMetrics = true
    /// Where the API keys are; nil where nobody needs one.
    package var apiKeys: APIKeySource?
    /// Which routes need a key, where there are keys.
    package var access = RouteAccess()
    /// Which other origins' pages may use the server from a browser; nil for none.
    package var cors: CORSPolicy?
    /// How responses are compressed.
    package var compression = CompressionOptions()
    /// Which traces are recorded, and where they are sent; nil for none.
    package var tracing: TracingConfiguration?
    /// How the model is loaded.
    package var model = ServedModel.Options()

    /// Serves with the defaults of `ServedModel.Options`.
    package init(http: HTTPServerConfiguration) { self.http = http }
}

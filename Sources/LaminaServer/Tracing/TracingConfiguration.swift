package import HTTPTypes
package import LaminaHTTP
package import LaminaTelemetry

/// Which traces are recorded, and where their spans are sent. The defaults are the OpenTelemetry specification's.
package struct TracingConfiguration: Sendable {
    /// Where spans are posted to, such as `http://collector:4318/v1/traces`.
    package var endpoint: HTTPURL
    /// Further fields of each request, such as a key; their values are not logged.
    package var headers = HTTPFields()
    /// How long a collector may take to answer.
    package var timeout = Duration.seconds(10)
    /// Whether requests are compressed with gzip.
    package var isCompressed = false
    /// Whom to trust at https endpoints, and what to show them.
    package var tls = TLSClientConfiguration()
    /// What the spans come from.
    package var resource: AttributeList = [:]
    /// Which traces are recorded.
    package var sampler = TraceSampler.parentBased(root: .alwaysOn)
    /// Spans that may wait to be sent.
    package var queueSize = 2048
    /// Spans that are sent together.
    package var batchSize = 512
    /// The longest a span waits for others.
    package var scheduleDelay = Duration.seconds(5)
    /// How long a batch is tried for.
    package var exportTimeout = Duration.seconds(30)
    /// How long the end of the server waits for the last spans to be taken.
    package var flushTimeout = Duration.seconds(5)
    /// How attempts that fail are repeated.
    package var retry = Self.defaultRetry

    /// Sends to that endpoint.
    package init(endpoint: HTTPURL) { self.endpoint = endpoint }

    /// Five attempts, one to five seconds apart.
    private static var defaultRetry: RetryPolicy {
        var policy = RetryPolicy()
        policy.attempts = 5
        policy.firstDelay = .seconds(1)
        policy.longestDelay = .seconds(5)
        return policy
    }
}

/// Bounds of tracing that are no settings.
enum TracingLimits {
    /// Entries of a list in the environment.
    static let listEntries = 64
    /// The longest time that a variable can ask for: a wait without end must not be.
    static let longestWait = Duration.seconds(3600)
    /// Spans that a variable may let wait; about half a KiB each.
    static let queueSize = 1 << 20
    /// Bytes of a collector's answer; it says little.
    static let responseBytes = 64 * 1024
    /// Characters of a collector's message in the log.
    static let messageCharacters = 256
    /// The least time between two log lines about spans that were not taken.
    static let logInterval = Duration.seconds(60)
}

import HTTPTypes
import LaminaHTTP
package import LaminaTelemetry
package import Logging

/// What belongs to one request on its way through the server: its ids for logs, traces and answers.
package struct RequestContext: Sendable {
    /// `X-Request-Id` of the client where it is usable, else a new one.
    package let requestID: String
    /// Our span in the client's trace, or the root of a new one.
    package let trace: TraceContext
    /// The caller's span; nil where the trace begins here.
    let parentSpan: SpanID?
    /// Our span, open while the request is answered; nil where the trace is not recorded here.
    package var span: ActiveSpan?
    /// Who asks.
    package let caller: Caller
    /// What came with the request.
    let fields: HTTPFields
    private let bareLogger: Logger

    /// The request being handled by the current task.
    @TaskLocal package static var current: RequestContext?

    private static let requestIDBytes = 1...128
    /// A subject may be as long as its certificate.
    private static let loggedNameCharacters = 512

    /// Reads the ids from a request's fields.
    ///
    /// - Parameter sampler: decides whether the trace is recorded; without one the caller's word is passed on.
    init(
        _ fields: HTTPFields, caller: Caller = Caller(), sampler: TraceSampler? = nil, logger: Logger,
        using random: inout some RandomNumberGenerator
    ) {
        self.caller = caller
        self.fields = fields
        let offered = fields[.requestID] ?? ""
        // A UUID: Envoy samples traces by the bits of one, and by nothing else.
        requestID = Self.isUsable(offered) ? offered : LowerHex.uuid(random.next(), random.next())
        let received = ReceivedTrace(fields)
        parentSpan = received.parent?.spanID
        var trace = received.parent?.child(using: &random) ?? .root(isSampled: false, using: &random)
        trace.isSampled =
            sampler?.isSampled(trace.traceID, parent: received.isSampled) ?? received.isSampled ?? false
        self.trace = trace
        bareLogger = logger
    }

    /// Writes lines that carry these ids. Made when it is asked for: most requests write none, or one.
    package var logger: Logger {
        var logger = bareLogger
        logger[metadataKey: "request_id"] = "\(requestID)"
        logger[metadataKey: "trace_id"] = "\(trace.traceID)"
        logger[metadataKey: "span_id"] = "\(trace.spanID)"
        if let keyName = caller.keyName { logger[metadataKey: "api_key"] = "\(keyName)" }
        if let identity = caller.identity {
            logger[metadataKey: "client_identity"] = "\(identity.name.prefix(Self.loggedNameCharacters))"
        }
        if let id = caller.gateway.fairnessID { logger[metadataKey: "fairness_id"] = "\(id)" }
        if let attempt = EnvoyAttempt(fields), attempt.isRetry {
            logger[metadataKey: "attempt"] = .stringConvertible(attempt.count)
        }
        return logger
    }

    /// The trace where it is recorded, by us or by others: what metrics may point to.
    var recordedTraceID: TraceID? { trace.isSampled ? trace.traceID : nil }

    /// Whether lines of this severity are written at all.
    func logs(_ level: Logger.Level) -> Bool { level >= bareLogger.logLevel }

    /// Printable ASCII of a bounded length: it goes into logs and back into a header.
    private static func isUsable(_ text: String) -> Bool {
        requestIDBytes.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension HTTPField.Name {
    static let requestID = known("X-Request-Id")

    /// A name written in this source.
    static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return field
    }
}

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
    /// What the API key is called that came with the request; nil where none did that is valid.
    package let keyName: String?
    /// Writes lines that carry these ids.
    package let logger: Logger

    /// The request being handled by the current task.
    @TaskLocal package static var current: RequestContext?

    private static let requestIDBytes = 1...128

    /// Reads the ids from a request's fields.
    init(
        _ fields: HTTPFields, keyName: String? = nil, logger: Logger, using random: inout some RandomNumberGenerator
    ) {
        self.keyName = keyName
        let offered = fields[.requestID] ?? ""
        // A UUID: Envoy samples traces by the bits of one, and by nothing else.
        requestID = Self.isUsable(offered) ? offered : LowerHex.uuid(random.next(), random.next())
        // More than one traceparent is invalid and must not be joined (W3C Trace Context §2.2.2).
        let parents = fields[values: .traceParent]
        let received = parents.count == 1 ? parents.first : nil
        let states = fields[values: .traceState].joined(separator: ",")
        let parent = received.flatMap { TraceContext(traceparent: $0, tracestate: states.isEmpty ? nil : states) }
        trace = parent?.child(using: &random) ?? .root(isSampled: true, using: &random)
        var logger = logger
        logger[metadataKey: "request_id"] = "\(requestID)"
        logger[metadataKey: "trace_id"] = "\(trace.traceID)"
        logger[metadataKey: "span_id"] = "\(trace.spanID)"
        if let keyName { logger[metadataKey: "api_key"] = "\(keyName)" }
        self.logger = logger
    }

    /// Printable ASCII of a bounded length: it goes into logs and back into a header.
    private static func isUsable(_ text: String) -> Bool {
        requestIDBytes.contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}

extension HTTPField.Name {
    static let requestID = known("X-Request-Id")
    static let traceParent = known("traceparent")
    static let traceState = known("tracestate")

    /// A name written in this source.
    static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is no field name") }
        return field
    }
}

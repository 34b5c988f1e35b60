import HTTPTypes
import LaminaHTTP

/// Posts batches of spans to a collector by OTLP/HTTP (OpenTelemetry Protocol Specification, "OTLP/HTTP").
///
/// Its requests belong to no trace: nothing of the request that is being served is known here, and none of it is sent.
struct OTLPClient: Sendable {
    /// What became of a batch.
    enum Outcome: Sendable, Equatable {
        /// Taken, but for so many spans; and what the collector has to say about it.
        case accepted(rejected: Int, message: String?)
        /// Not taken now; perhaps later, after the time that the collector asks for.
        case postponed(reason: String, retryAfter: Duration?)
        /// Not taken, and would not be another time.
        case refused(reason: String)
    }

    private let http: HTTPClient
    private let url: HTTPURL
    private let headers: HTTPFields
    private let isCompressed: Bool
    private let timeout: Duration

    /// "OTLP/HTTP Response": those that may be tried again, and no others.
    private static let retryable: Set<Int> = [429, 502, 503, 504]

    /// - Throws: `TLSError` where files of certificates cannot be used.
    init(_ configuration: TracingConfiguration) throws(TLSError) {
        var limits = HTTPClientLimits()
        limits.collectedBytes = TracingLimits.responseBytes
        // A plain URL works without the system's authorities.
        let isSecure = configuration.endpoint.origin.scheme == .https
        http = HTTPClient(limits: limits, tls: isSecure ? try TLSClientContext(configuration.tls) : nil)
        url = configuration.endpoint
        isCompressed = configuration.isCompressed
        timeout = configuration.timeout
        var headers = configuration.headers
        headers[.contentType] = "application/json"
        headers[.userAgent] = "lamina-llm-serve/\(BuildInfo.version)"
        if isCompressed { headers[.contentEncoding] = "gzip" }
        self.headers = headers
    }

    /// Posts a batch, which takes no longer than the time-out.
    func send(_ batch: [UInt8]) async -> Outcome {
        do {
            let request = ClientRequest(
                .post, url, headers: headers, body: isCompressed ? try Self.compressed(batch) : batch,
                // Collectors tell spans that come twice by their ids.
                isRepeatable: true,
                timeouts: HTTPClientTimeouts(connect: timeout, response: timeout, idle: timeout, total: timeout))
            let (head, body) = try await http.send(request)
            return Self.outcome(head, body)
        } catch let error as HTTPClientError {
            return .postponed(reason: "\(error)", retryAfter: nil)
        } catch {
            return .refused(reason: "\(error)")
        }
    }

    private static func outcome(_ head: ResponseHead, _ body: [UInt8]) -> Outcome {
        let status = head.status
        if status.kind == .successful {
            let partial = OTLPPartialSuccess(body)
            return .accepted(rejected: partial.rejectedSpans, message: partial.message)
        }
        let text = String(decoding: body, as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let reason = "\(status.code) \(text.prefix(TracingLimits.messageCharacters))"
        return retryable.contains(status.code)
            ? .postponed(reason: reason, retryAfter: RetryPolicy.retryAfter(head.fields)) : .refused(reason: reason)
    }

    private static func compressed(_ batch: [UInt8]) throws(GzipError) -> [UInt8] {
        let encoder = try GzipEncoder(level: 1, for: .wholeBody)
        return try encoder.encode(batch[...], flush: false) + encoder.finish()
    }
}

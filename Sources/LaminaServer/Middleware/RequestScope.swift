import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Logging

/// The outermost layer: gives each request its context, puts the ids on the answer, and logs how it went.
struct RequestScope: Sendable {
    let identification: CallerIdentification
    let logger: Logger
    /// Begins the spans of requests; nil where no traces are recorded.
    var tracer: Tracer?
    let next: Router.Handler

    func respond(to request: IncomingRequest) async -> OutgoingResponse {
        var random = SystemRandomBlock()
        // Probes and scrapes would fill the store of traces with what nobody looks for.
        let tracer = Probes.paths.contains(request.path) ? nil : tracer
        var context = RequestContext(
            request.head.headerFields, caller: identification.caller(of: request), sampler: tracer?.sampler,
            logger: logger, using: &random)
        let span = ServerSpan(tracer, request, context)
        context.span = span?.span
        var response = await RequestContext.$current.withValue(context) { await next(request) }
        context.putIDs(on: &response)
        if case .stream(let body) = response.body {
            response.body = .stream { [context] writer in
                try await RequestContext.$current.withValue(context) { try await body(writer) }
            }
        }
        // Where no level of the line is written and no trace is recorded, nothing needs to be kept for the end.
        if span != nil || context.logs(AccessLine.highestLevel) {
            response.onFinished = { [context] report in
                AccessLine(report: report).write(context)
                span?.end(report)
            }
        }
        return response
    }

    /// Answers what the HTTP server refuses: malformed requests, slow ones, connections too many.
    func refuse(_ refusal: Refusal) -> OutgoingResponse {
        var random = SystemRandomBlock()
        let context = RequestContext(refusal.fields, logger: logger, using: &random)
        let body = APIError.body(refusal.status, refusal.message)
        var response = OutgoingResponse(
            status: refusal.status, headers: [.contentType: body.contentType], body: .bytes(body.bytes))
        context.putIDs(on: &response)
        // A flood of connections must not become one of lines; the observer writes one now and then.
        guard refusal.connectionLimit == nil else { return response }
        var metadata: Logger.Metadata = [
            "status": .stringConvertible(refusal.status.code), "peer": "\(refusal.remoteAddress)",
            "reason": "\(refusal.message)",
        ]
        if let method = refusal.method { metadata["method"] = "\(method)" }
        if let path = refusal.path { metadata["path"] = "\(path)" }
        context.logger.info("request refused", metadata: metadata)
        return response
    }
}

extension RequestContext {
    fileprivate func putIDs(on response: inout OutgoingResponse) {
        response.headers[.requestID] = requestID
        response.headers[.traceParent] = trace.traceparent
    }
}

/// The log line of a request, written when its answer is, or has broken off.
private struct AccessLine {
    static let highestLevel = Logger.Level.info

    let report: RequestReport

    /// Probes and scrapes come every few seconds and say nothing new.
    private var level: Logger.Level {
        Probes.paths.contains(report.path) && report.status.kind == .successful ? .debug : Self.highestLevel
    }

    func write(_ context: RequestContext) {
        let level = level
        guard context.logs(level) else { return }
        let milliseconds = report.duration / .milliseconds(1)
        var metadata: Logger.Metadata = [
            "method": "\(report.method)", "path": "\(report.path)",
            "status": .stringConvertible(report.status.code), "peer": "\(report.remoteAddress)",
            "duration_ms": .stringConvertible((milliseconds * 1000).rounded() / 1000),
        ]
        let failure = report.outcome.failure
        if let failure { metadata["error"] = "\(failure)" }
        context.logger.log(level: level, failure == nil ? "request" : "request broke off", metadata: metadata)
    }
}

extension RequestReport.Outcome {
    /// Why an answer broke off; nil where it was written whole.
    var failure: String? {
        switch self {
        case .complete: nil
        case .clientGone: "the client has gone"
        case .writeTimedOut: "the client read too slowly"
        case .cancelled: "the server stopped"
        case .bodyFailed(let reason): reason
        }
    }
}

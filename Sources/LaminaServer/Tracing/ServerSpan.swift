import HTTPTypes
import LaminaHTTP
import LaminaTelemetry

/// The span of an HTTP request, by the semantic conventions for HTTP servers. Queries are left out: they may hold secrets.
struct ServerSpan: Sendable {
    /// The methods that may appear in names and attributes; clients could invent any number of others.
    private static let methods: Set<HTTPRequest.Method> = [
        .get, .head, .post, .put, .delete, .connect, .options, .trace, .patch,
    ]

    /// What the parts of the request's work are below.
    let span: ActiveSpan
    private let methodName: String

    /// Begins the span where the request's trace is recorded; otherwise nil.
    init?(_ tracer: Tracer?, _ request: IncomingRequest, _ context: RequestContext) {
        guard let tracer, context.trace.isSampled else { return nil }
        let method = request.head.method
        let isKnown = Self.methods.contains(method)
        methodName = isKnown ? method.rawValue : "HTTP"
        var attributes: AttributeList = [
            SemanticAttribute.httpRequestMethod: .string(isKnown ? method.rawValue : "_OTHER"),
            SemanticAttribute.urlPath: .string(request.path),
            SemanticAttribute.urlScheme: .string(request.isSecure ? "https" : "http"),
            SemanticAttribute.requestID: .string(context.requestID),
        ]
        if !isKnown { attributes[SemanticAttribute.httpRequestMethodOriginal] = .string(method.rawValue) }
        if let (host, port) = HTTPURL.hostAndPort((request.head.authority ?? "")[...]) {
            attributes[SemanticAttribute.serverAddress] = .string(host)
            attributes[SemanticAttribute.serverPort] = port.map { .integer($0) }
        }
        attributes.setPeer(request.remoteAddress)
        attributes[SemanticAttribute.userAgentOriginal] = request.head.headerFields[.userAgent].map { .string($0) }
        attributes[SemanticAttribute.apiKey] = context.caller.keyName.map { .string($0) }
        attributes[SemanticAttribute.clientIdentity] = context.caller.identity.map { .string($0.name) }
        span = tracer.serverSpan(
            methodName, context.trace, parent: context.parentSpan, at: request.receivedAt, attributes: attributes)
    }

    /// Ends the span: the answer was written, or has broken off.
    func end(_ report: RequestReport) {
        if let route = report.route {
            span.rename("\(methodName) \(route)")
            span.set([SemanticAttribute.httpRoute: .string(route)])
        }
        let status = report.status
        span.set([
            SemanticAttribute.httpResponseStatusCode: .integer(status.code),
            SemanticAttribute.httpRequestBodySize: .integer(report.requestBytes),
            SemanticAttribute.httpResponseBodySize: .integer(report.responseBytes),
        ])
        // A 4xx is the client's error; the server has done what it should.
        if status.code >= 500 { span.fail("\(status.code)", status.reasonPhrase) }
        if let outcome = report.outcome.name {
            span.set([SemanticAttribute.outcome: .string(outcome)])
            // A client that leaves is no error of the server's: people stop answers that they have read enough of.
            if report.outcome != .clientGone { span.fail(outcome, report.outcome.failure ?? outcome) }
        }
        span.end()
    }
}

extension AttributeList {
    /// The other end of the connection; processes on Unix-domain sockets have no address there.
    fileprivate mutating func setPeer(_ remoteAddress: String) {
        guard let (host, port) = HTTPURL.hostAndPort(remoteAddress[...]) else {
            self[SemanticAttribute.clientAddress] = .string(remoteAddress)
            return
        }
        self[SemanticAttribute.clientAddress] = .string(host)
        self[SemanticAttribute.networkPeerAddress] = .string(host)
        self[SemanticAttribute.networkPeerPort] = port.map { .integer($0) }
    }
}

extension RequestReport.Outcome {
    /// Nil where the answer was written whole.
    fileprivate var name: String? {
        switch self {
        case .complete: nil
        case .clientGone: "client_gone"
        case .writeTimedOut: "write_timed_out"
        case .cancelled: "cancelled"
        case .bodyFailed: "body_failed"
        }
    }
}

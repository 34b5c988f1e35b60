import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaModel

extension APIError {
    /// Seconds after which a refused request may be tried again.
    private static let retryAfterSeconds = 1

    /// What the engine did not take.
    init(_ refusal: EngineRefusal, parameter: String) {
        switch refusal {
        case .emptyPrompt: self = .invalid("\(refusal)", parameter: parameter)
        case .unknownToken: self = .invalid("\(refusal)", parameter: parameter)
        case .promptTooLong: self = .invalid("\(refusal)", parameter: parameter, code: "context_length_exceeded")
        case .queueFull: self = .overloaded("\(refusal)", code: "queue_full")
        case .tenantQueueFull:
            self = APIError(status: 429, kind: .rateLimit, message: "\(refusal)", code: "tenant_queue_full")
        case .deadlinePassed: self = .deadlineExceeded("\(refusal)")
        case .stopping: self = .overloaded("\(refusal)", code: "shutting_down")
        }
    }

    /// A conversation that could not be rendered: refused by the model's template, or the template's own fault.
    init(_ error: ChatTemplateError) {
        switch error {
        case .raised, .undefined:
            self = .invalid(
                "the model's chat template does not take this conversation: \(error)", parameter: "messages",
                code: "chat_template_error")
        default: self = .server("the model's chat template failed: \(error)")
        }
    }

    /// Renders the errors that the HTTP server and the router answer themselves.
    static let body: ErrorBody.Renderer = { status, message in
        let kind: Kind =
            switch status.code {
            case 404: .notFound
            case 429: .rateLimit
            case 503: .overloaded
            case 504: .timeout
            case 500...: .server
            default: .invalidRequest
            }
        let error = APIError(status: status.code, kind: kind, message: message)
        return ErrorBody(contentType: "application/json", bytes: error.body)
    }

    /// With the reason phrase that belongs to it.
    fileprivate var httpStatus: HTTPResponse.Status {
        switch status {
        case 400: .badRequest
        case 401: .unauthorized
        case 403: .forbidden
        case 404: .notFound
        case 411: .lengthRequired
        case 415: .unsupportedMediaType
        case 429: .tooManyRequests
        case 500: .internalServerError
        case 503: .serviceUnavailable
        case 504: .gatewayTimeout
        default: .init(code: status)
        }
    }

    var headers: HTTPFields {
        switch status {
        // RFC 6750 §3.
        case 401: [.wwwAuthenticate: #"Bearer realm="lamina""#]
        case 503: [.retryAfter: "\(Self.retryAfterSeconds)"]
        // Envoy retries nothing that says so: a retry would wait in the same queue.
        case 429: [.retryAfter: "\(Self.retryAfterSeconds)", .envoyRateLimited: "true"]
        default: [:]
        }
    }
}

extension OutgoingResponse {
    /// An error answer in OpenAI's shape.
    init(_ error: APIError) {
        var headers = error.headers
        headers[.contentType] = "application/json"
        self.init(status: error.httpStatus, headers: headers, body: .bytes(error.body))
    }
}

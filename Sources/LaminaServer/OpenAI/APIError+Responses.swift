import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaModel

extension APIError {
    /// What the engine did not take.
    init(_ refusal: EngineRefusal, parameter: String, retryAfterSeconds: Int = 1) {
        switch refusal {
        case .emptyPrompt: self = .invalid("\(refusal)", parameter: parameter)
        case .unknownToken: self = .invalid("\(refusal)", parameter: parameter)
        case .promptTooLong: self = .invalid("\(refusal)", parameter: parameter, code: "context_length_exceeded")
        case .queueFull: self = .overloaded("\(refusal)", code: "queue_full")
        case .tenantQueueFull:
            self = APIError(status: 429, kind: .rateLimit, message: "\(refusal)", code: "tenant_queue_full")
        case .deadlinePassed: self = .deadlineExceeded("\(refusal)")
        case .stopping: self = .shuttingDown("\(refusal)")
        }
        self.retryAfterSeconds = retryAfterSeconds
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

    /// What clients and proxies are told beside the body. docs/mesh.md has the table of refusals.
    var headers: HTTPFields {
        var fields: HTTPFields = [.contentType: "application/json"]
        switch status {
        // RFC 6750 §3.
        case 401: fields[.wwwAuthenticate] = #"Bearer realm="lamina""#
        case 429:
            fields[.retryAfter] = "\(retryAfterSeconds)"
            // The tenant's share is used up: Envoy retries nothing that says so.
            fields[.envoyRateLimited] = "true"
        case 503:
            fields[.retryAfter] = "\(retryAfterSeconds)"
            // Another attempt belongs on a connection to somebody else.
            if code == Self.shuttingDownCode { fields[.connection] = "close" }
        case 504:
            // Another attempt would get as much time again from somebody whose caller has no time left. Envoy and OpenAI's
            // and Anthropic's clients retry gateway time-outs unless they are told.
            fields[.envoyRateLimited] = "true"
            fields[.shouldRetry] = "false"
        default: break
        }
        return fields
    }
}

extension OutgoingResponse {
    /// An error answer in OpenAI's shape.
    init(_ error: APIError) {
        self.init(status: error.httpStatus, headers: error.headers, body: .bytes(error.body))
    }
}

extension InsteadOfStream {
    /// An error answer in OpenAI's shape.
    init(_ error: APIError) {
        self.init(status: error.httpStatus, headers: error.headers, body: error.body)
    }
}

package import LaminaJSON

/// An answer that is an error, in the shape OpenAI's clients expect.
package struct APIError: Error, Equatable, CustomStringConvertible {
    /// What `error.type` says; clients decide by it and by the status whether to try again.
    package enum Kind: String, Sendable {
        /// 400, or 401 for a key, as OpenAI has it: the request must be changed.
        case invalidRequest = "invalid_request_error"
        /// 404: no such model or route.
        case notFound = "not_found_error"
        /// 429: this client has more requests waiting than it may.
        case rateLimit = "rate_limit_error"
        /// 504: the request's deadline passed.
        case timeout = "timeout_error"
        /// 500: our fault.
        case server = "server_error"
        /// 503: the queue is full, or the server is starting or draining.
        case overloaded = "overloaded_error"
    }

    /// The HTTP status.
    package let status: Int
    /// The sort of error.
    package let kind: Kind
    /// What is wrong and what to change.
    package let message: String
    /// The field that is at fault, as in `messages[2].content`.
    package let parameter: String?
    /// A name of the problem that programs can compare, such as `unsupported_parameter`.
    package let code: String?
    /// Seconds after which a request that was refused with 429 or 503 may be tried again.
    package var retryAfterSeconds = 1

    /// An error; the status and kind should fit each other.
    package init(status: Int, kind: Kind, message: String, parameter: String? = nil, code: String? = nil) {
        self.status = status
        self.kind = kind
        self.message = message
        self.parameter = parameter
        self.code = code
    }

    /// The body: `{"error": {"message", "type", "param", "code"}}`.
    package var json: JSONValue {
        [
            "error": [
                "message": .string(message), "type": .string(kind.rawValue),
                "param": parameter.map(JSONValue.string) ?? .null, "code": code.map(JSONValue.string) ?? .null,
            ]
        ]
    }

    /// The body as bytes.
    package var body: [UInt8] { JSONWriter.bytes(of: json) }

    package var description: String { "\(status) \(kind.rawValue): \(message)" }
}

extension APIError {
    /// 400: a field has the wrong value.
    package static func invalid(_ message: String, parameter: String?, code: String? = "invalid_value") -> APIError {
        APIError(status: 400, kind: .invalidRequest, message: message, parameter: parameter, code: code)
    }

    /// 400: a parameter that would change the answer but is not served; it is never ignored in silence.
    package static func unsupported(_ parameter: String, _ message: String) -> APIError {
        invalid(message, parameter: parameter, code: "unsupported_parameter")
    }

    /// 401: the request has no valid API key. Says no more than that.
    package static let invalidKey = APIError(
        status: 401, kind: .invalidRequest,
        message: "a valid API key is needed: send it as 'Authorization: Bearer KEY' or 'X-Api-Key: KEY'",
        code: "invalid_api_key")

    /// 400: a trusted proxy sent a field about its client that cannot be read.
    static func unreadableIdentity(_ field: String, _ reason: String) -> APIError {
        invalid("'\(field)' says not clearly who the client is: \(reason)", parameter: field, code: "invalid_identity")
    }

    /// 403: the client's certificate is good, but not of those that may use the route; nil where nobody knows who it is.
    package static func identityNotAllowed(_ name: String?) -> APIError {
        let message =
            name.map {
                "the client '\($0.prefix(256))' may not use this; --allow-identity or --identity-policy allows it"
            }
            ?? "who the client is has to be known: by a client certificate, shown to this server or to a trusted proxy"
        return APIError(status: 403, kind: .invalidRequest, message: message, code: "identity_not_allowed")
    }

    /// 403: a browser may not use this server from pages of that origin.
    package static func originNotAllowed(_ origin: String) -> APIError {
        APIError(
            status: 403, kind: .invalidRequest,
            message:
                "pages of the origin '\(origin.prefix(256))' may not use this server; --cors-origin allows an origin",
            code: "origin_not_allowed")
    }

    /// 404: the model is not served here.
    package static func modelNotFound(_ model: String, available: [String]) -> APIError {
        APIError(
            status: 404, kind: .notFound,
            message: "the model '\(model)' is not served here; served: \(available.joined(separator: ", "))",
            parameter: "model", code: "model_not_found")
    }

    /// 500: our fault; the details are in the log.
    package static func server(_ message: String) -> APIError {
        APIError(status: 500, kind: .server, message: message)
    }

    /// 503: try again later.
    package static func overloaded(_ message: String, code: String? = nil) -> APIError {
        APIError(status: 503, kind: .overloaded, message: message, code: code)
    }

    /// 503: this server is about to end; another one may take the request.
    package static func shuttingDown(_ message: String) -> APIError { overloaded(message, code: shuttingDownCode) }

    static let shuttingDownCode = "shutting_down"

    /// 504: the request's deadline passed before its answer was complete.
    package static func deadlineExceeded(_ message: String) -> APIError {
        APIError(status: 504, kind: .timeout, message: message, code: "deadline_exceeded")
    }

    /// 400: the body is not JSON.
    package init(_ error: JSONParseError) {
        self = .invalid("the body is \(error)", parameter: nil, code: "invalid_json")
    }

    /// 400: a field is missing, of the wrong kind or out of range.
    package init(_ error: JSONFieldError) {
        let isMissing = error.found == "missing"
        self = .invalid(
            isMissing ? "'\(error.path)' is required: \(error.expected)" : error.description,
            parameter: error.path.isEmpty ? nil : error.path,
            code: isMissing ? "missing_required_parameter" : "invalid_value")
    }

    /// Reads a body of JSON; whatever is wrong with it becomes a 400.
    static func reading<Request>(
        _ body: [UInt8], _ read: (JSONFieldReader) throws -> Request
    ) throws(APIError) -> Request {
        do {
            return try read(try JSONFieldReader(try JSONValue(parsing: body)))
        } catch let error as JSONParseError {
            throw APIError(error)
        } catch let error as JSONFieldError {
            throw APIError(error)
        } catch let error as APIError {
            throw error
        } catch {
            throw .server("\(error)")
        }
    }
}

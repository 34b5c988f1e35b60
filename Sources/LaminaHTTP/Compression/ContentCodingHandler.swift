import HTTPTypes

/// A layer around a handler that takes the content coding off request bodies and puts one on responses (RFC 9110 §8.4).
package struct ContentCodingHandler: Sendable {
    private let next: Router.Handler
    private let compression: CompressionOptions
    private let bodyLimitBytes: Int
    private let errorBody: ErrorBody.Renderer

    /// - Parameters:
    ///   - bodyLimitBytes: the most bytes of a request body when expanded; beyond it 413.
    ///   - errorBody: renders the refusals.
    ///   - next: gets requests whose bodies are in no coding.
    package init(
        compression: CompressionOptions = CompressionOptions(), bodyLimitBytes: Int = HTTPLimits().bodyBytes,
        errorBody: @escaping ErrorBody.Renderer = ErrorBody.plainText, next: @escaping Router.Handler
    ) {
        self.next = next
        self.compression = compression
        self.bodyLimitBytes = bodyLimitBytes
        self.errorBody = errorBody
    }

    /// Answers a request.
    package func respond(to request: IncomingRequest) async -> OutgoingResponse {
        var response = await answer(request)
        guard compression.isEnabled, response.isCompressible(compression) else { return response }
        response.headers.vary(on: .acceptEncoding)
        let accepted = AcceptEncoding(request.head.headerFields)
        guard response.isWorthCompressing(for: accepted) else { return response }
        return await response.compressed(for: accepted, level: compression.level)
    }

    private func answer(_ request: IncomingRequest) async -> OutgoingResponse {
        guard request.head.headerFields.contains(.contentEncoding) else { return await next(request) }
        do throws(ContentCodingError) {
            return await next(try await request.withDecodedBody(limitBytes: bodyLimitBytes))
        } catch {
            return refusal(error)
        }
    }

    private func refusal(_ error: ContentCodingError) -> OutgoingResponse {
        var response = OutgoingResponse(error: error.status, error.description, errorBody)
        // RFC 9110 §12.5.3: tells the client which codings it may use.
        if case .unsupported = error { response.headers[.acceptEncoding] = ContentCoding.gzip.rawValue }
        return response
    }
}

/// Why a request's body is not passed on.
enum ContentCodingError: Error, Equatable, CustomStringConvertible {
    /// A coding other than gzip, or more than one.
    case unsupported(String)
    /// The body is not what its coding says, or too large.
    case undecodable(GzipError)

    /// RFC 9110 §15.5.16 for codings, §15.5.14 for sizes.
    var status: HTTPResponse.Status {
        switch self {
        case .unsupported: .unsupportedMediaType
        case .undecodable(.tooLarge): .contentTooLarge
        case .undecodable(.unavailable): .serviceUnavailable
        case .undecodable(.corrupt), .undecodable(.truncated): .badRequest
        }
    }

    var description: String {
        switch self {
        case .unsupported(let codings): "The Content-Encoding '\(codings)' is not supported; use gzip, once, or none."
        case .undecodable(let error): "The request cannot be read: \(error)."
        }
    }
}

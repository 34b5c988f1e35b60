import HTTPTypes

/// A request on its way through redirects: what to send next, and where it has been.
struct RedirectTrail: Sendable {
    private struct Step: Hashable {
        let method: HTTPRequest.Method
        let url: HTTPURL
    }

    /// What is sent now.
    private(set) var request: ClientRequest
    private var visited: Set<Step>
    private var followed = 0

    /// Credentials, and what the application says about itself: they are for the server they were given for.
    private static let bound: [String] = ["authorization", "cookie", "x-api-key", "baggage"]

    init(_ request: ClientRequest) {
        self.request = request
        visited = [Step(method: request.method, url: request.url)]
    }

    /// Turns the request into the one the response asks for; false where the response is the answer.
    ///
    /// - Throws: `HTTPClientError.redirectRefused`.
    mutating func follow(_ head: ResponseHead) throws(HTTPClientError) -> Bool {
        guard case .follow(let limit) = request.redirects, [301, 302, 303, 307, 308].contains(head.status.code),
            let location = head.fields[.location]
        else { return false }
        let origin = request.url.origin
        let target = try url(of: location)
        guard origin.scheme == .http || target.origin.scheme == .https else { throw refusal(location, .downgrade) }
        guard followed < limit else { throw refusal(location, .tooMany(limit: limit)) }
        followed += 1
        request.url = target
        rewriteMethod(for: head.status)
        if target.origin != origin {
            for field in request.headers where Self.bound.contains(field.name.canonicalName) {
                request.headers[field.name] = nil
            }
        }
        guard visited.insert(Step(method: request.method, url: target)).inserted else {
            throw .redirectRefused(from: origin, to: target.withoutQuery, fault: .loop)
        }
        return true
    }

    /// 303 asks for a GET. 301 and 302 make a GET of a POST, as every client came to do; 307 and 308 change nothing.
    private mutating func rewriteMethod(for status: HTTPResponse.Status) {
        let becomesGet =
            switch status.code {
            case 303: ![.get, .head].contains(request.method)
            case 301, 302: request.method == .post
            default: false
            }
        guard becomesGet else { return }
        request.method = .get
        request.body = nil
        request.isRepeatable = true
        for field in request.headers where field.name.canonicalName.hasPrefix("content-") {
            request.headers[field.name] = nil
        }
    }

    private func url(of location: String) throws(HTTPClientError) -> HTTPURL {
        // Servers send spaces and other letters than ASCII as they are.
        var text = ""
        for byte in location.utf8 {
            if (0x21...0x7E).contains(byte) {
                text.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                text += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
            }
        }
        var target = URIReference(text).resolved(against: URIReference(request.url.description))
        target.fragment = nil
        do {
            return try HTTPURL(target.description)
        } catch {
            throw refusal(location, .malformedLocation)
        }
    }

    private func refusal(_ location: String, _ fault: RedirectFault) -> HTTPClientError {
        let target = location.firstIndex(of: "?").map { "\(location[..<$0])?..." } ?? location
        return .redirectRefused(from: request.url.origin, to: target, fault: fault)
    }
}

import HTTPTypes
import Testing

@testable import LaminaHTTP

/// Bytes of a connection, and what the parser must make of them.
struct RequestCase: Sendable, CustomTestStringConvertible {
    enum Expectation: Sendable, Equatable {
        /// Requests, each as `method path host[ body][ close][ continue]`; line ends of a body are written `⏎`.
        case requests([String])
        case refusal(RequestError, status: Int)
    }

    let name: String
    let bytes: [UInt8]
    let expectation: Expectation
    var testDescription: String { name }

    /// Each scalar of the text up to U+00FF is one byte.
    private init(_ name: String, _ text: String, _ expectation: Expectation) {
        self.name = name
        self.bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
        self.expectation = expectation
    }

    static func takes(_ name: String, _ text: String, as requests: String...) -> RequestCase {
        RequestCase(name, text, .requests(requests))
    }

    static func refuses(_ name: String, _ text: String, _ error: RequestError, _ status: Int = 400) -> RequestCase {
        RequestCase(name, text, .refusal(error, status: status))
    }

    /// What a parser made of the case's bytes, in the terms of an expectation.
    static func outcome(_ parsed: ParsedInput) -> Expectation {
        if let error = parsed.error { return .refusal(error, status: error.status.code) }
        return .requests(
            parsed.requests.map { request in
                let head = request.head
                var text = "\(head.request.method) \(head.request.path ?? "-") \(head.request.authority ?? "-")"
                let body = String(decoding: request.body, as: UTF8.self).replacing("\r\n", with: "⏎")
                if !body.isEmpty { text += " \(body)" }
                if !head.wantsKeepAlive { text += " close" }
                if head.expectsContinue { text += " continue" }
                if request.trailers == nil { text += " incomplete" }
                return text
            })
    }
}

/// The tables of this folder, each case in every way bytes can arrive: the requirements of RFC 9110 and RFC 9112 for servers.
struct ConformanceTests {
    @Test(arguments: RequestCase.requestLines) func `Request lines, RFC 9112 §2 and §3`(_ test: RequestCase) {
        check(test)
    }

    @Test(arguments: RequestCase.targets) func `Targets, RFC 9112 §3.2`(_ test: RequestCase) { check(test) }

    @Test(arguments: RequestCase.hosts) func `Hosts, RFC 9112 §3.2 and RFC 9110 §7.2`(_ test: RequestCase) {
        check(test)
    }

    @Test(arguments: RequestCase.fields) func `Field lines, RFC 9112 §5 and RFC 9110 §5`(_ test: RequestCase) {
        check(test)
    }

    @Test(arguments: RequestCase.framing) func `Framing, RFC 9112 §6`(_ test: RequestCase) { check(test) }

    @Test(arguments: RequestCase.chunks) func `The chunked coding, RFC 9112 §7`(_ test: RequestCase) { check(test) }

    @Test(arguments: RequestCase.connections) func `Persistence and expectations, RFC 9112 §9`(_ test: RequestCase) {
        check(test)
    }

    /// Whole, byte by byte, and cut at every place; alone, and with another request behind.
    private func check(_ test: RequestCase, sourceLocation: SourceLocation = #_sourceLocation) {
        let alone = ParsedInput.everyWay(test.bytes, sourceLocation: sourceLocation)
        #expect(RequestCase.outcome(alone) == test.expectation, sourceLocation: sourceLocation)
        let followed = ParsedInput.everyWay(
            test.bytes + Array(ParsedInput.following.utf8), sourceLocation: sourceLocation)
        switch test.expectation {
        case .refusal: #expect(followed.error == alone.error, sourceLocation: sourceLocation)
        case .requests(let requests):
            #expect(
                RequestCase.outcome(followed) == .requests(requests + ["GET /following next"]),
                sourceLocation: sourceLocation)
        }
    }
}

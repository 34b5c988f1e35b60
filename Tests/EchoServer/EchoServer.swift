// A server that answers every request with what it read: for tests that compare its reading with other servers', and for
// measurements of the HTTP server alone. Not part of the product.
//
//     lamina-echo-server [--port PORT] [--max-connections COUNT]

import Glibc
import HTTPTypes
import LaminaHTTP
import LaminaJSON

@main
struct EchoServer {
    private static let hello = Array(#"{"message":"Hello, world!"}"#.utf8)

    static func main() async throws {
        var configuration = HTTPServerConfiguration(port: option("--port") ?? 0)
        configuration.maximumConnections = option("--max-connections") ?? configuration.maximumConnections
        let server = HTTPServer(configuration: configuration) { answer($0) }
        try server.bind()
        if let port = server.port { say("Listening on http://127.0.0.1:\(port)\n") }
        try await server.run()
    }

    private static func option(_ name: String) -> Int? {
        let arguments = CommandLine.arguments
        guard let place = arguments.firstIndex(of: name), place + 1 < arguments.count else { return nil }
        return Int(arguments[place + 1])
    }

    /// Standard output without a buffer, which `print` fills before a reader behind a pipe sees anything.
    private static func say(_ text: String) {
        _ = Glibc.write(STDOUT_FILENO, text, text.utf8.count)
    }

    private static func answer(_ request: IncomingRequest) -> OutgoingResponse {
        let body =
            request.head.path == "/hello" && request.head.method == .get
            ? hello : JSONWriter.bytes(of: description(of: request))
        return OutgoingResponse(headers: [.contentType: "application/json"], body: .bytes(body))
    }

    /// Bytes are written as hexadecimal digits: they need not be text.
    private static func description(of request: IncomingRequest) -> JSONValue {
        let fields = request.head.headerFields.map { field -> JSONValue in
            [.string(field.name.rawName), .string(field.withUnsafeBytesOfValue { hexadecimal(Array($0)) })]
        }
        return [
            "method": .string(request.head.method.rawValue), "target": .string(request.target.originForm),
            "authority": request.head.authority.map { .string($0) } ?? .null, "fields": .array(fields),
            "body": .string(hexadecimal(request.body)),
        ]
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

import ArgumentParser
import FoundationEssentials
import HTTPTypes
import LaminaHTTP

/// `health`: asks a running server whether it takes requests; for container health checks, whose images have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a running server whether it is healthy; exit 0 if it is, else 1.",
        discussion: "Where LAMINA_API_KEY is set, the request carries that key: for a --url that needs one.")

    @Option(help: ArgumentHelp("Where to ask.", valueName: "url")) var url = "http://127.0.0.1:8080/health"

    @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds")) var timeout = 5

    func run() async throws {
        let limit = Duration.seconds(timeout)
        let client = HTTPClient(timeouts: .init(connect: limit, response: limit, idle: limit, total: limit))
        defer { client.close() }
        var request = ClientRequest(.get, try HTTPURL(url))
        if let key = ProcessInfo.processInfo.environment["LAMINA_API_KEY"] {
            request.headers[.authorization] = "Bearer \(key)"
        }
        let (head, body) = try await client.send(request)
        let text = String(decoding: body, as: UTF8.self)
        guard head.status == .ok else {
            Terminal.writeError("\(url): status \(head.status.code) \(text)\n")
            throw ExitCode.failure
        }
        try Terminal.write("\(text)\n")
    }
}

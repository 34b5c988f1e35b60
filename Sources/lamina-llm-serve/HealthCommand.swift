import ArgumentParser
import HTTPTypes
import LaminaHTTP

/// `health`: asks a running server whether it takes requests; for container health checks, whose images have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a running server whether it is healthy; exit 0 if it is, else 1.")

    @Option(help: ArgumentHelp("Where to ask.", valueName: "url")) var url = "http://127.0.0.1:8080/health"

    @Option(help: ArgumentHelp("Unix-domain socket to ask instead, for the path of --url.", valueName: "path"))
    var unixSocket: String?

    @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds")) var timeout = 5

    @OptionGroup(title: "Reaching the server") var reach: ClientOptions

    func run() async throws {
        let (head, body) = try await response()
        let text = String(decoding: body, as: UTF8.self)
        guard head.status == .ok else {
            Terminal.writeError("\(unixSocket ?? url): status \(head.status.code) \(text)\n")
            throw ExitCode.failure
        }
        try Terminal.write("\(text)\n")
    }

    private func response() async throws -> (head: ResponseHead, body: [UInt8]) {
        let limit = Duration.seconds(timeout)
        if let unixSocket {
            return try await UnixSocketRequest(socketPath: unixSocket, path: HTTPURL(url).path).send(
                until: .now + limit)
        }
        let client = try reach.client(timeouts: .init(connect: limit, response: limit, idle: limit, total: limit))
        defer { client.close() }
        return try await client.send(ClientRequest(.get, HTTPURL(url), headers: reach.authorization()))
    }
}

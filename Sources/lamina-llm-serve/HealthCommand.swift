import ArgumentParser
import LaminaHTTP

/// `health`: asks a running server whether it takes requests; for container health checks, whose images have no curl.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask a running server whether it is healthy; exit 0 if it is, else 1.")

    @Option(help: ArgumentHelp("Where to ask.", valueName: "url")) var url = "http://127.0.0.1:8080/health"

    @Option(help: ArgumentHelp("Seconds to wait.", valueName: "seconds")) var timeout = 5

    func run() async throws {
        let answer = try await HealthProbe(url: url).run(timeout: .seconds(timeout))
        guard answer.status == 200 else {
            Terminal.writeError("\(url): status \(answer.status) \(answer.body)\n")
            throw ExitCode.failure
        }
        try Terminal.write("\(answer.body)\n")
    }
}

import ArgumentParser
import LaminaModel
import LaminaServer
import Logging

/// `serve`: the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve a model over HTTP (the default).",
        discussion: """
            Stops on SIGTERM or Ctrl-C: after --drain-delay it takes no more, and running requests finish, for at most \
            --drain-timeout; a second signal stops at once.
            """)

    @OptionGroup var options: ServeOptions

    func run() async throws {
        ProcessLimits.raiseOpenFiles()
        ProcessLimits.returnLargeBlocks()
        let logger = try options.logging.logger(OptionReader())
        try await options.mesh.around(logger) { try await serve(mesh: $0, logger) }
    }

    private func serve(mesh: MeshWatch, _ logger: Logger) async throws {
        let configuration = try options.configuration { logger.warning("\($0)") }
        let file = try options.model.open()
        let server = try LaminaServer(configuration, modelFile: file, mesh: mesh, logger: logger)
        let progress = LoadProgress(label: file.configuration.name)
        try await server.run(
            onProgress: { progress.update($0) },
            onReady: { model, addresses in
                progress.finish()
                // A server whose start-up text nobody reads still serves.
                let summary = StartupSummary(
                    model: model, modelName: configuration.modelName, addresses: addresses,
                    isSecure: configuration.tls != nil, needsKey: configuration.apiKeys != nil)
                try? Terminal.write(summary.text)
            })
    }
}

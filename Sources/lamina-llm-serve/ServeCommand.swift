import ArgumentParser
import FoundationEssentials
import LaminaEngine
import LaminaHTTP
import LaminaModel
import LaminaServer
import LaminaTelemetry
import Logging

/// `serve`: the server.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve a model over HTTP (the default).",
        discussion: """
            Stops on SIGTERM or Ctrl-C: after --drain-delay it takes no more, and running requests finish, for at most \
            --drain-timeout; a second signal stops at once.
            """)

    @OptionGroup(title: "Listening") var listen: ListenOptions

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: ArgumentHelp("Name requests use for the model. Default: the file's name.", valueName: "name"))
    var modelName: String?

    @Option(help: ArgumentHelp("Sequences computed together.", valueName: "count"))
    var maxSequences = 16

    @Option(help: ArgumentHelp("Requests that may wait for a place; more are refused with 503.", valueName: "count"))
    var maxQueue = 256

    @Option(
        help: ArgumentHelp(
            "Requests of one named tenant that may wait; more are refused with 429. Default: half of --max-queue.",
            valueName: "count"))
    var maxQueuePerTenant: Int?

    @Option(
        help: ArgumentHelp(
            "Milliseconds a step should take while streams run: prompts are computed in chunks that fit, so that streams "
                + "go on.", valueName: "milliseconds"))
    var stepTarget = 250

    @Option(
        help: ArgumentHelp(
            "Seconds a request may take, waiting included; 0 for as long as it wants. A client's own "
                + "X-Request-Timeout-Ms may be shorter.", valueName: "seconds"))
    var requestTimeout = 0

    @OptionGroup(title: "Connections") var connections: ConnectionOptions

    @OptionGroup(title: "TLS") var tls: TLSOptions

    @OptionGroup(title: "API keys") var keys: APIKeyOptions

    @OptionGroup(title: "Callers") var identity: IdentityOptions

    @OptionGroup(title: "Limits per caller") var callerLimits: CallerLimitOptions

    @OptionGroup(title: "Inference gateway") var gateway: GatewayOptions

    @OptionGroup(title: "Cross-origin requests") var cors: CORSOptions

    @OptionGroup(title: "Compression") var gzip: GzipOptions

    @OptionGroup(title: "Service mesh") var mesh: MeshOptions

    @Option(help: "Form of log lines on standard error. Default: text on a terminal, else json.")
    var logFormat: LogFormat?

    @Option(help: "Least severe log lines.")
    var logLevel = LogLevel.info

    func validate() throws {
        guard (1...1024).contains(maxSequences) else {
            throw ValidationError("--max-sequences must be 1 to 1024, not \(maxSequences).")
        }
        guard (0...65536).contains(maxQueue) else {
            throw ValidationError("--max-queue must be 0 to 65536, not \(maxQueue).")
        }
        if let maxQueuePerTenant, !(1...65536).contains(maxQueuePerTenant) {
            throw ValidationError("--max-queue-per-tenant must be 1 to 65536, not \(maxQueuePerTenant).")
        }
        guard (1...60000).contains(stepTarget) else {
            throw ValidationError("--step-target must be 1 to 60000 milliseconds, not \(stepTarget).")
        }
        guard (0...604_800).contains(requestTimeout) else {
            throw ValidationError("--request-timeout must be 0 to 604800 seconds, not \(requestTimeout).")
        }
    }

    /// What the options ask for.
    func configuration() throws -> ServerConfiguration {
        var configuration = ServerConfiguration(http: HTTPServerConfiguration(listeners: try listen.listeners()))
        try connections.apply(to: &configuration)
        configuration.requestTimeout = requestTimeout > 0 ? .seconds(requestTimeout) : nil
        configuration.modelName = modelName
        configuration.model = model.loading(maximumSequences: maxSequences, maximumWaiting: maxQueue)
        configuration.model.maximumWaitingPerTenant = maxQueuePerTenant
        configuration.model.stepTarget = .milliseconds(stepTarget)
        try tls.apply(to: &configuration)
        keys.apply(to: &configuration)
        try identity.apply(to: &configuration)
        try callerLimits.apply(to: &configuration)
        try gateway.apply(to: &configuration)
        try identity.check(configuration, mesh: mesh.settings().mode)
        try cors.apply(to: &configuration)
        gzip.apply(to: &configuration)
        return configuration
    }

    func run() async throws {
        ProcessLimits.raiseOpenFiles()
        ProcessLimits.returnLargeBlocks()
        let logger = CommandLog.logger(logFormat, level: logLevel.value)
        try await mesh.around(logger) { try await serve(mesh: $0, logger) }
    }

    private func serve(mesh: MeshWatch, _ logger: Logger) async throws {
        var configuration = try configuration()
        let (tracing, warnings) = TracingConfiguration.read(ProcessInfo.processInfo.environment)
        for warning in warnings { logger.warning("\(warning)") }
        configuration.tracing = tracing
        let file = try model.open()
        let server = try LaminaServer(configuration, modelFile: file, mesh: mesh, logger: logger)
        let isSecure = configuration.tls != nil
        let progress = LoadProgress(label: file.configuration.name)
        try await server.run(
            onProgress: { progress.update($0) },
            onReady: { model, addresses in
                progress.finish()
                // A server whose start-up text nobody reads still serves.
                let summary = StartupSummary(
                    model: model, modelName: modelName, addresses: addresses, isSecure: isSecure,
                    needsKey: keys.source != nil)
                try? Terminal.write(summary.text)
            })
    }
}

extension LogFormat: ExpressibleByArgument {}

/// The severities of log lines.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    /// As the logger knows it.
    var value: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

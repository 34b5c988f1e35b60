import ArgumentParser
import FoundationEssentials
import LaminaEngine
import LaminaHTTP
import LaminaServer
import LaminaTelemetry
import Logging

/// All options of a server. `serve` runs one with them, `doctor` examines what it would meet.
struct ServeOptions: ParsableArguments {
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

    @OptionGroup(title: "Requests") var traffic: TrafficOptions

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
    }

    /// What the options and the environment ask for.
    ///
    /// - Parameter warn: told of what is passed over, one sentence each.
    func configuration(warn: (String) -> Void) throws -> ServerConfiguration {
        var configuration = ServerConfiguration(http: HTTPServerConfiguration(listeners: try listen.listeners()))
        try connections.apply(to: &configuration)
        try traffic.apply(to: &configuration)
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
        let (tracing, warnings) = TracingConfiguration.read(ProcessInfo.processInfo.environment)
        for warning in warnings { warn(warning) }
        configuration.tracing = tracing
        return configuration
    }
}

extension LogFormat: ExpressibleByArgument {}

/// The severities of log lines.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case trace, debug, info, notice, warning, error, critical

    /// As the logger knows it.
    var value: Logger.Level { Logger.Level(rawValue: rawValue) ?? .info }
}

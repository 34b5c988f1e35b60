import ArgumentParser
import LaminaEngine
import LaminaHTTP
import LaminaServer
import LaminaTelemetry

/// All options of a server. `serve` runs one with them, `doctor` examines what it would meet.
struct ServeOptions: ParsableArguments {
    @OptionGroup(title: "Listening") var listen: ListenOptions

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(
        help: ArgumentHelp(
            "Name requests use for the model (LAMINA_MODEL_NAME). Default: the manifest's, else the file's name.",
            valueName: "name"))
    var modelName: String?

    @OptionGroup(title: "Scheduling") var scheduling: SchedulingOptions

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

    @OptionGroup(title: "Logging") var logging: LogOptions

    /// What the options and the environment ask for.
    ///
    /// - Parameter warn: told of what is passed over, one sentence each.
    func configuration(warn: (String) -> Void) throws -> ServerConfiguration {
        let choice = try model.choice()
        let read = OptionReader().fallingBack(on: choice.settings)
        var configuration = ServerConfiguration(http: HTTPServerConfiguration(listeners: try listen.listeners()))
        configuration.modelName = try name(read) ?? choice.name
        try model.load.apply(to: &configuration.model, read)
        let groups: [any ServerOptions] = [
            scheduling, traffic, connections, tls, keys, identity, callerLimits, gateway, cors, gzip,
        ]
        for group in groups { try group.apply(to: &configuration, read) }
        configuration.modelAliases += choice.aliases.filter { !configuration.modelAliases.contains($0) }
        try identity.check(configuration, mesh: mesh.settings().mode)
        let (tracing, warnings) = TracingConfiguration.read(read.environment)
        for warning in warnings { warn(warning) }
        configuration.tracing = tracing
        return configuration
    }

    private func name(_ read: OptionReader) throws -> String? {
        let name = read.given(modelName, "model-name")
        if let name, name.text.isEmpty {
            throw ValidationError("\(name.source) is empty; leave it out to use the file's name.")
        }
        return name?.text
    }
}

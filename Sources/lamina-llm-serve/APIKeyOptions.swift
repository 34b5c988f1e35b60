import ArgumentParser
import LaminaServer

/// Who may use the server. Keys themselves are no options: every user of a machine sees the arguments of its processes.
struct APIKeyOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "File of API keys: one per line, 'key' or 'name:key', or 'sha256:...' in the key's place; read again when it "
                + "changes and on SIGHUP (environment: LAMINA_API_KEY_FILE, or the keys themselves in LAMINA_API_KEYS). "
                + "Default: nobody needs a key.", valueName: "path"))
    var apiKeyFile: String?

    @Flag(help: "Ask for a key for /metrics too (LAMINA_PROTECT_METRICS=true).")
    var protectMetrics = false

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        let file = read.given(apiKeyFile, "api-key-file")
        if let file, file.text.isEmpty {
            throw ValidationError("\(file.source) is empty; leave it out to serve without keys.")
        }
        configuration.apiKeys = APIKeySource(
            file: file.map { APIKeySource.File(path: $0.text, setting: $0.source) },
            environment: read.environment[APIKeySource.variable])
        configuration.access.protectsMetrics = try read.flag(protectMetrics, "protect-metrics")
        if configuration.access.protectsMetrics, configuration.apiKeys == nil {
            throw ValidationError("--protect-metrics needs keys: name them with --api-key-file or LAMINA_API_KEYS.")
        }
    }
}

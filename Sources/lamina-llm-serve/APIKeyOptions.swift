import ArgumentParser
import FoundationEssentials
import LaminaServer

/// Who may use the server. Keys themselves are no options: every user of a machine sees the arguments of its processes.
struct APIKeyOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "File of API keys: one per line, 'key' or 'name:key', or 'sha256:...' in the key's place; read again when it "
                + "changes and on SIGHUP (environment: LAMINA_API_KEY_FILE, or the keys themselves in LAMINA_API_KEYS). "
                + "Default: nobody needs a key.", valueName: "path"))
    var apiKeyFile: String?

    @Flag(help: "Ask for a key for /metrics too.")
    var protectMetrics = false

    func validate() throws {
        if apiKeyFile == "" { throw ValidationError("--api-key-file is empty; leave it out to serve without keys.") }
        if protectMetrics, source == nil {
            throw ValidationError("--protect-metrics needs keys: name them with --api-key-file or LAMINA_API_KEYS.")
        }
    }

    /// Where the keys are; nil where there are none.
    var source: APIKeySource? {
        let file = OptionReader().given(apiKeyFile, "api-key-file")
        return APIKeySource(
            file: file.map { APIKeySource.File(path: $0.text, setting: $0.source) },
            environment: ProcessInfo.processInfo.environment[APIKeySource.variable])
    }

    /// Puts the choices into a configuration.
    func apply(to configuration: inout ServerConfiguration) {
        configuration.apiKeys = source
        configuration.access.protectsMetrics = protectMetrics
    }
}

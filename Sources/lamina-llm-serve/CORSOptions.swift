import ArgumentParser
import LaminaServer

/// Whose web pages may use the server from a browser.
struct CORSOptions: ServerOptions {
    @Option(
        help: ArgumentHelp(
            "Origin whose pages may use the server from a browser, such as https://chat.example.com; may be repeated; "
                + "'*' for all (environment: LAMINA_CORS_ORIGINS, separated by commas). Default: none.",
            valueName: "origin"))
    var corsOrigin: [String] = []

    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws {
        let origins = read.list(corsOrigin, "cors-origin", variable: "LAMINA_CORS_ORIGINS")
        guard let source = origins.first?.source else { return }
        do {
            configuration.cors = try CORSPolicy(origins: origins.map { $0.text.filter { $0 != " " } })
        } catch {
            throw ValidationError("\(source): \(error).")
        }
    }
}

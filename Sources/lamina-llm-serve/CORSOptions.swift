import ArgumentParser
import FoundationEssentials
import LaminaServer

/// Whose web pages may use the server from a browser.
struct CORSOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Origin whose pages may use the server from a browser, such as https://chat.example.com; may be repeated; "
                + "'*' for all (environment: LAMINA_CORS_ORIGINS, separated by commas). Default: none.",
            valueName: "origin"))
    var corsOrigin: [String] = []

    func validate() throws {
        do {
            _ = try policy
        } catch {
            throw ValidationError("--cors-origin (or LAMINA_CORS_ORIGINS): \(error).")
        }
    }

    /// Puts the choice into a configuration.
    func apply(to configuration: inout ServerConfiguration) throws {
        configuration.cors = try policy
    }

    private var policy: CORSPolicy? {
        get throws {
            let origins = OptionReader().list(corsOrigin, "cors-origin", variable: "LAMINA_CORS_ORIGINS")
            return origins.isEmpty ? nil : try CORSPolicy(origins: origins.map { $0.text.filter { $0 != " " } })
        }
    }
}

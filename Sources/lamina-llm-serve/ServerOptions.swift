import ArgumentParser
import LaminaHTTP
import LaminaServer

/// A group of options, each with an environment variable, that says some part of how `serve` works.
protocol ServerOptions: ParsableArguments {
    /// Sets what options or environment say, and leaves the rest as it is.
    ///
    /// - Throws: `ValidationError` that names the option or the variable.
    func apply(to configuration: inout ServerConfiguration, _ read: OptionReader) throws
}

extension ServerOptions {
    /// Refuses what could not be applied before anything starts.
    func validate() throws {
        _ = try serverConfiguration(OptionReader())
    }

    /// What this group alone makes of a server.
    func serverConfiguration(_ read: OptionReader) throws -> ServerConfiguration {
        var configuration = ServerConfiguration(http: HTTPServerConfiguration())
        try apply(to: &configuration, read)
        return configuration
    }
}

import ArgumentParser
import LaminaTelemetry
import Logging

/// What `serve` logs, and how. Each option has an environment variable.
struct LogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Form of log lines on standard error: json or text (LAMINA_LOG_FORMAT). Default: text on a terminal, else json.",
            valueName: "format"))
    var logFormat: LogFormat?

    @Option(
        help: ArgumentHelp(
            "Least severe log lines: trace, debug, info, notice, warning, error or critical (LAMINA_LOG_LEVEL). Default: info.",
            valueName: "level"))
    var logLevel: String?

    func validate() throws { _ = try logger(OptionReader()) }

    /// The log that options or environment ask for.
    ///
    /// - Throws: `ValidationError` that names the option or the variable.
    func logger(_ read: OptionReader) throws -> Logger {
        let format = try read.choice(logFormat?.rawValue, "log-format", of: LogFormat.self)
        let level = try read.choice(logLevel, "log-level", of: Logger.Level.self)
        return CommandLog.logger(format, level: level ?? .info)
    }
}

extension LogFormat: ExpressibleByArgument {}

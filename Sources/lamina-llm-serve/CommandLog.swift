import Glibc
import LaminaTelemetry
import Logging

/// The log of a command, on standard error.
enum CommandLog {
    /// Lines of at least a level; without a format, text on a terminal and JSON elsewhere.
    static func logger(_ format: LogFormat? = nil, level: Logger.Level) -> Logger {
        let output = LogOutput()
        let format = format ?? .suiting(descriptor: STDERR_FILENO)
        return Logger(label: "lamina") { label in
            StructuredLogHandler(label: label, format: format, output: output, logLevel: level)
        }
    }
}

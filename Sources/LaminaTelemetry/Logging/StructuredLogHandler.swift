package import Logging

/// A swift-log backend that writes one line per event, as JSON or plain text.
///
/// A JSON line holds `timestamp` (RFC 3339, UTC, milliseconds), `level`, `logger`, `message`, then the metadata as
/// fields: `trace_id`, `span_id` and `request_id` first, the rest by name. Numbers and booleans given as
/// `.stringConvertible` stay numbers and booleans. Metadata of the event wins over the metadata provider's, which wins
/// over the logger's.
///
///     let output = LogOutput()
///     LoggingSystem.bootstrap { StructuredLogHandler(label: $0, format: .json, output: output) }
package struct StructuredLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let output: LogOutput
    private let clock: @Sendable () -> UnixTime

    /// - Parameters:
    ///   - label: the logger's name.
    ///   - format: how lines are written.
    ///   - output: where lines go; one output serves all loggers.
    ///   - logLevel: the least severe level that is written.
    ///   - metadataProvider: metadata from the context of each event.
    ///   - clock: gives lines their time.
    package init(
        label: String, format: LogFormat, output: LogOutput, logLevel: Logger.Level = .info,
        metadataProvider: Logger.MetadataProvider? = nil, clock: @escaping @Sendable () -> UnixTime = UnixTime.now
    ) {
        self.label = label
        self.format = format
        self.output = output
        self.logLevel = logLevel
        self.metadataProvider = metadataProvider
        self.clock = clock
    }

    package subscript(metadataKey key: String) -> Logger.MetadataValue? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let own = event.metadata { fields.merge(own) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        let record = LogRecord(
            time: clock(), level: event.level.rawValue, logger: label, message: event.message.description,
            fields: LogField.fields(fields))
        output.writeLine(record.line(format))
    }
}

import LaminaJSON

/// One log line's content before it is written in a ``LogFormat``.
struct LogRecord: Sendable {
    let time: UnixTime
    let level: String
    let logger: String
    let message: String
    /// Names and values in the order in which they are written; names are unique.
    let fields: [(name: String, value: LogFieldValue)]

    /// The line in `format`, with its newline, at most `limitBytes` long: fields that find no room are left out and
    /// the message is cut, both marked by a field `truncated`.
    func line(_ format: LogFormat, limitBytes: Int = TelemetryLimits.logLineBytes) -> [UInt8] {
        let whole = rendered(format)
        guard whole.count > limitBytes else { return whole }
        // A byte of text takes up to 6 bytes escaped; the rest of the line stays far below the other quarter.
        let messageBytes = limitBytes / 8
        let cut = LogRecord(
            time: time, level: level, logger: logger.limited(toBytes: 256),
            message: message.limited(toBytes: messageBytes),
            fields: fields.filter { LogField.correlation.contains($0.name) && $0.value.byteCount <= 256 }
                + [(name: "truncated", value: .literal("true"))])
        return cut.rendered(format)
    }

    private func rendered(_ format: LogFormat) -> [UInt8] {
        switch format {
        case .json: return json
        case .text: return Array(text.utf8)
        }
    }

    private var json: [UInt8] {
        var writer = JSONWriter()
        writer.append(raw: "{\"timestamp\":\"\(time.rfc3339)\",\"level\":\"\(level)\",\"logger\":")
        writer.append(logger)
        writer.append(raw: ",\"message\":")
        writer.append(message)
        for (name, value) in fields {
            writer.append(raw: ",")
            writer.append(name)
            writer.append(raw: ":")
            value.appendJSON(to: &writer)
        }
        writer.append(raw: "}\n")
        return writer.bytes
    }

    private var text: String {
        let padding = String(repeating: " ", count: max(0, "critical".count - level.count))
        var line = "\(time.rfc3339) \(level)\(padding) "
        line.appendTerminalSafe(logger)
        line += ": "
        line.appendTerminalSafe(message)
        for (name, value) in fields {
            line += " "
            line.appendTerminalSafe(name)
            line += "="
            value.appendText(to: &line)
        }
        return line + "\n"
    }
}

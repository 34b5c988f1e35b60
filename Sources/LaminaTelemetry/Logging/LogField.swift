import Logging

/// Turns a logger's metadata into the fields of a line.
enum LogField {
    /// The fields by which lines are found again, first in their line.
    static let correlation = ["trace_id", "span_id", "request_id"]

    /// The fields every line has; metadata of these names is renamed to `metadata.…`.
    private static let reserved: Set<String> = ["timestamp", "level", "logger", "message"]

    /// The fields of `metadata`: dictionaries flattened to `outer.inner`; the correlation ids first, the rest by name.
    static func fields(_ metadata: Logger.Metadata) -> [(name: String, value: LogFieldValue)] {
        var values: [String: LogFieldValue] = [:]
        flatten(metadata, prefix: "", into: &values)
        let first = correlation.compactMap { name in values.removeValue(forKey: name).map { (name: name, value: $0) } }
        return first + values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
    }

    private static func flatten(
        _ metadata: Logger.Metadata, prefix: String, into values: inout [String: LogFieldValue]
    ) {
        // In the order of names, so that of two that flatten to the same name always the same one stays.
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            let name = prefix.isEmpty && reserved.contains(key) ? "metadata.\(key)" : prefix + key
            if case .dictionary(let inner) = value {
                flatten(inner, prefix: "\(name).", into: &values)
            } else {
                values[name] = fieldValue(value)
            }
        }
    }

    private static func fieldValue(_ value: Logger.MetadataValue) -> LogFieldValue {
        switch value {
        case .string(let text): return .string(text)
        case .array(let elements): return .array(elements.map(fieldValue))
        case .dictionary(let inner):
            // Inside an array there is no name to flatten to.
            return .array(inner.sorted { $0.key < $1.key }.map { .array([.string($0.key), fieldValue($0.value)]) })
        case .stringConvertible(let convertible): return fieldValue(convertible)
        }
    }

    private static func fieldValue(_ convertible: any CustomStringConvertible) -> LogFieldValue {
        switch convertible {
        case let bool as Bool: return .literal(bool ? "true" : "false")
        case let integer as any FixedWidthInteger: return .literal(integer.description)
        case let double as Double where double.isFinite: return .literal(double.description)
        case let float as Float where float.isFinite: return .literal(float.description)
        default: return .string(convertible.description)
        }
    }
}

/// The value of an attribute of a span or of the process (OpenTelemetry specification, "Attribute").
package enum AttributeValue: Sendable, Equatable {
    case string(String)
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case strings([String])

    /// The value with texts no longer than a limit.
    func limited(toBytes limitBytes: Int) -> AttributeValue {
        switch self {
        case .string(let text): .string(text.limited(toBytes: limitBytes))
        case .strings(let texts): .strings(texts.map { $0.limited(toBytes: limitBytes) })
        case .bool, .integer, .number: self
        }
    }
}

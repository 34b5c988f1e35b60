import LaminaJSON

/// Writes spans as the body of an OTLP/HTTP export request in JSON (opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest).
///
/// The mapping is proto3's with the exceptions of the OTLP specification ("JSON Protobuf Encoding"): ids are hexadecimal, names are
/// in lowerCamelCase, enums are numbers; 64-bit integers are strings, as proto3 has it.
package struct OTLPTraceEncoder: Sendable {
    private let resource: JSONValue
    private let scope: JSONValue

    /// - Parameters:
    ///   - resource: what the spans come from: `service.name` and more.
    ///   - scope: the name and version of what made them.
    package init(resource: AttributeList, scope: (name: String, version: String)) {
        self.resource = ["attributes": Self.attributes(resource)]
        self.scope = ["name": .string(scope.name), "version": .string(scope.version)]
    }

    /// The body for a batch.
    package func encode(_ spans: [FinishedSpan]) -> [UInt8] {
        let scopeSpans: JSONValue = ["scope": scope, "spans": .array(spans.map(Self.span))]
        return JSONWriter.bytes(of: ["resourceSpans": [["resource": resource, "scopeSpans": [scopeSpans]]]])
    }

    private static func span(_ span: FinishedSpan) -> JSONValue {
        var object: JSONObject = [
            "traceId": .string(span.context.traceID.description), "spanId": .string(span.context.spanID.description),
        ]
        if let state = span.context.tracestate { object["traceState"] = .string(state) }
        if let parent = span.parent { object["parentSpanId"] = .string(parent.id.description) }
        object["flags"] = .integer(flags(of: span))
        object["name"] = .string(span.name)
        object["kind"] = .integer(Int64(span.kind.rawValue))
        object["startTimeUnixNano"] = .string("\(span.start)")
        object["endTimeUnixNano"] = .string("\(span.end)")
        object["attributes"] = attributes(span.attributes)
        if !span.events.isEmpty { object["events"] = .array(span.events.map(event)) }
        if let failure = span.failure {
            object["status"] = ["code": .integer(statusError), "message": .string(failure)]
        }
        return .object(object)
    }

    /// `STATUS_CODE_ERROR`. Without a status it is unset, which is what spans without errors have: `OK` is for people to say.
    private static let statusError: Int64 = 2

    /// `SpanFlags`: the W3C flags in the lowest byte; bit 8 says that bit 9 is known, bit 9 that the parent is elsewhere.
    private static func flags(of span: FinishedSpan) -> Int64 {
        (span.context.isSampled ? 1 : 0) | 0x100 | (span.parent?.isRemote == true ? 0x200 : 0)
    }

    private static func event(_ event: FinishedSpan.Event) -> JSONValue {
        ["timeUnixNano": .string("\(event.time)"), "name": .string(event.name)]
    }

    private static func attributes(_ list: AttributeList) -> JSONValue {
        .array(list.members.map { ["key": .string($0.key), "value": value($0.value)] })
    }

    /// `AnyValue`.
    private static func value(_ value: AttributeValue) -> JSONValue {
        switch value {
        case .string(let text): ["stringValue": .string(text)]
        case .bool(let truth): ["boolValue": .bool(truth)]
        case .integer(let integer): ["intValue": .string("\(integer)")]
        case .number(let number): ["doubleValue": double(number)]
        case .strings(let texts): ["arrayValue": ["values": .array(texts.map { ["stringValue": .string($0)] })]]
        }
    }

    /// proto3 writes as strings what JSON numbers cannot say.
    private static func double(_ number: Double) -> JSONValue {
        if number.isFinite { return .number(number) }
        return number.isNaN ? "NaN" : number > 0 ? "Infinity" : "-Infinity"
    }
}

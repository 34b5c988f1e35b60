import HTTPTypes
import LaminaHTTP
import LaminaJSON

/// How a load report is written into the field `endpoint-load-metrics`; a client asks for one in `endpoint-load-metrics-format`.
enum LoadReportFormat: String, CaseIterable {
    /// `name=value` pairs.
    case text
    /// The message in protobuf's JSON.
    case json
    /// The message in protobuf's binary form, in base64.
    case bin

    /// The format that a request asks for; nil where it asks for none, or for one that is not known.
    init?(_ fields: HTTPFields) {
        guard let text = fields[.endpointLoadMetricsFormat] else { return nil }
        self.init(rawValue: text.lowercased())
    }

    /// The value of `endpoint-load-metrics`.
    func value(of report: LoadReport) -> String {
        switch self {
        // No named metrics: a name that its reader does not know voids the whole field.
        case .text: "TEXT " + report.standardMetrics.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
        case .json: "JSON " + JSONWriter.text(of: .object(report.json))
        case .bin: "BIN " + Base64.encode(report.message.bytes)
        }
    }
}

extension LoadReport {
    /// What ORCA has fields for.
    fileprivate var standardMetrics: [NamedMetric] {
        [
            .init(name: "application_utilization", value: applicationUtilization),
            .init(name: "rps_fractional", value: tokensPerSecond),
        ]
    }

    fileprivate var json: JSONObject {
        var object = JSONObject()
        for metric in standardMetrics { object[metric.name] = .number(metric.value) }
        var named = JSONObject()
        for metric in namedMetrics { named[metric.name] = .number(metric.value) }
        object["named_metrics"] = .object(named)
        return object
    }

    /// Field numbers of xds/data/orca/v3/orca_load_report.proto.
    fileprivate var message: ProtobufMessage {
        var message = ProtobufMessage()
        message.append(6, tokensPerSecond)
        for metric in namedMetrics { message.append(8, metric.name, metric.value) }
        message.append(9, applicationUtilization)
        return message
    }
}

extension HTTPField.Name {
    /// The load of this replica (ORCA).
    static let endpointLoadMetrics = known("endpoint-load-metrics")
    /// How a request wants it written: text, json or bin.
    static let endpointLoadMetricsFormat = known("endpoint-load-metrics-format")
}

import Glibc
import HTTPTypes
import LaminaHTTP
import LaminaTelemetry

extension TracingConfiguration {
    /// What the variables `OTEL_...` ask for.
    ///
    /// - Returns: nil where no endpoint is set, or traces are turned off; and what of the variables was passed over, one
    ///   sentence each.
    package static func read(
        _ environment: [String: String]
    ) -> (configuration: TracingConfiguration?, warnings: [String]) {
        var variables = OpenTelemetryVariables(environment)
        let configuration = configuration(&variables)
        return (configuration, variables.warnings)
    }

    private static func configuration(_ variables: inout OpenTelemetryVariables) -> TracingConfiguration? {
        guard variables.hasEndpoint, !variables.truth("OTEL_SDK_DISABLED"), isExported(&variables),
            let endpoint = endpoint(&variables)
        else { return nil }
        var configuration = TracingConfiguration(endpoint: endpoint)
        configuration.readExporter(&variables)
        configuration.readBatches(&variables)
        configuration.resource = resource(&variables)
        configuration.sampler = sampler(&variables) ?? configuration.sampler
        return configuration
    }

    private static func isExported(_ variables: inout OpenTelemetryVariables) -> Bool {
        guard let (name, value) = variables.text("OTEL_TRACES_EXPORTER") else { return true }
        if value == "none" { return false }
        if value != "otlp" { variables.warn("\(name) can be otlp or none, not '\(value)'; it is passed over") }
        return true
    }

    /// The URL for traces as it is, or that for everything with `/v1/traces` added (OTLP exporter, "Endpoint URLs for OTLP/HTTP").
    private static func endpoint(_ variables: inout OpenTelemetryVariables) -> HTTPURL? {
        guard let (name, value) = variables.exporter("ENDPOINT") else { return nil }
        let isBase = name == "OTEL_EXPORTER_OTLP_ENDPOINT"
        do {
            let url = try HTTPURL(value)
            warnOfProtocol(&variables, url)
            guard isBase else { return url }
            let slash = url.path.hasSuffix("/") ? "" : "/"
            return try HTTPURL(origin: url.origin, path: "\(url.path)\(slash)v1/traces")
        } catch {
            variables.warn("\(name): \(error); no traces are exported")
            return nil
        }
    }

    private static func warnOfProtocol(_ variables: inout OpenTelemetryVariables, _ url: HTTPURL) {
        let advice = "traces are sent as http/json, to which collectors listen on port 4318"
        if let (name, value) = variables.exporter("PROTOCOL") {
            if value != "http/json" { variables.warn("\(name) is '\(value)', but \(advice)") }
        } else if url.origin.port == 4317 {
            variables.warn("port 4317 of the OTLP endpoint is usually that of gRPC, but \(advice)")
        }
    }

    private mutating func readExporter(_ variables: inout OpenTelemetryVariables) {
        timeout = variables.milliseconds(variables.exporter("TIMEOUT")) ?? timeout
        readHeaders(&variables)
        if let (name, value) = variables.exporter("COMPRESSION") {
            isCompressed = value == "gzip"
            if !isCompressed, value != "none" {
                variables.warn("\(name) can be gzip or none, not '\(value)'; it is passed over")
            }
        }
        tls.settings.authority = "in OTEL_EXPORTER_OTLP_CERTIFICATE"
        tls.authorityFiles = variables.exporter("CERTIFICATE").map { [$0.value] } ?? []
        switch (variables.exporter("CLIENT_CERTIFICATE"), variables.exporter("CLIENT_KEY")) {
        case (let certificate?, let key?):
            tls.certificate = TLSCertificateFiles(certificate: certificate.value, key: key.value)
        case (nil, nil): break
        case (let lone?, nil), (nil, let lone?):
            variables.warn("\(lone.name) needs a client certificate and its key; it is passed over")
        }
    }

    private mutating func readHeaders(_ variables: inout OpenTelemetryVariables) {
        guard let setting = variables.exporter("HEADERS") else { return }
        for (key, value) in variables.pairs(setting) {
            guard let name = HTTPField.Name(key) else {
                variables.warn("\(setting.name): '\(key)' is no name of a header; it is left out")
                continue
            }
            headers[name] = value
        }
    }

    private mutating func readBatches(_ variables: inout OpenTelemetryVariables) {
        let sizes = 1...TracingLimits.queueSize
        queueSize = variables.number(variables.text("OTEL_BSP_MAX_QUEUE_SIZE"), sizes) ?? queueSize
        let asked = variables.number(variables.text("OTEL_BSP_MAX_EXPORT_BATCH_SIZE"), sizes)
        if let asked, asked > queueSize {
            variables.warn("OTEL_BSP_MAX_EXPORT_BATCH_SIZE is \(asked), but the queue has \(queueSize) places")
        }
        batchSize = min(asked ?? batchSize, queueSize)
        let delay = variables.milliseconds(variables.text("OTEL_BSP_SCHEDULE_DELAY"), zeroIsEndless: false)
        // Without any delay the exporter would never rest.
        scheduleDelay = max(delay ?? scheduleDelay, .milliseconds(1))
        exportTimeout = variables.milliseconds(variables.text("OTEL_BSP_EXPORT_TIMEOUT")) ?? exportTimeout
    }

    private static func sampler(_ variables: inout OpenTelemetryVariables) -> TraceSampler? {
        guard let (name, value) = variables.text("OTEL_TRACES_SAMPLER") else { return nil }
        var ratio = 1.0
        if value.hasSuffix("traceidratio"), let (name, text) = variables.text("OTEL_TRACES_SAMPLER_ARG") {
            if let number = Double(text), (0...1).contains(number) {
                ratio = number
            } else {
                variables.warn("\(name) must be a number from 0 to 1, not '\(text)'; it is passed over")
            }
        }
        guard let sampler = TraceSampler(name: value, ratio: ratio) else {
            variables.warn(
                "\(name) can be one of \(TraceSampler.names.joined(separator: ", ")), not '\(value)'; it is passed over"
            )
            return nil
        }
        return sampler
    }

    private static func resource(_ variables: inout OpenTelemetryVariables) -> AttributeList {
        var random = SystemRandomBlock()
        var resource: AttributeList = [
            SemanticAttribute.serviceName: .string("lamina-llm-serve"),
            SemanticAttribute.serviceVersion: .string(BuildInfo.version),
            SemanticAttribute.serviceInstanceID: .string(LowerHex.uuid(random.next(), random.next())),
            SemanticAttribute.processID: .integer(Int(getpid())),
            SemanticAttribute.sdkName: .string("lamina-llm-serve"),
            SemanticAttribute.sdkLanguage: .string("swift"),
            SemanticAttribute.sdkVersion: .string(BuildInfo.version),
        ]
        for (key, value) in variables.pairs(variables.text("OTEL_RESOURCE_ATTRIBUTES")) {
            resource[key] = .string(value)
        }
        if let (_, name) = variables.text("OTEL_SERVICE_NAME") {
            resource[SemanticAttribute.serviceName] = .string(name)
        }
        return resource
    }
}

extension OpenTelemetryVariables {
    /// Whether traces are to go anywhere. The specification's own default, localhost, would be a guess.
    fileprivate var hasEndpoint: Bool { exporter("ENDPOINT") != nil }
}

import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Testing

@testable import LaminaServer

struct TracingConfigurationTests {
    private static let endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT"
    private static let base = [endpoint: "http://collector:4318"]

    /// What these variables ask for beside an endpoint, without a warning.
    private func read(_ variables: [String: String]) throws -> TracingConfiguration {
        let (configuration, warnings) = TracingConfiguration.read(Self.base.merging(variables) { $1 })
        #expect(warnings.isEmpty)
        return try #require(configuration)
    }

    /// The one warning about these variables, and what is in force nevertheless.
    private func warned(_ variables: [String: String]) throws -> (text: String, configuration: TracingConfiguration?) {
        let (configuration, warnings) = TracingConfiguration.read(Self.base.merging(variables) { $1 })
        #expect(warnings.count == 1, "\(warnings)")
        return (warnings.first ?? "", configuration)
    }

    @Test func `Exports nothing unless an endpoint is set`() {
        for variables in [[:], [Self.endpoint: ""], [Self.endpoint: "  "], ["OTEL_TRACES_SAMPLER": "nonsense"]] {
            let (configuration, warnings) = TracingConfiguration.read(variables)
            #expect(configuration == nil && warnings.isEmpty)
        }
    }

    @Test(arguments: [
        ("http://collector:4318", "http://collector:4318/v1/traces"),
        ("http://collector:4318/", "http://collector:4318/v1/traces"),
        ("https://otlp.example.com/otlp", "https://otlp.example.com/otlp/v1/traces"),
        ("https://otlp.example.com/otlp/", "https://otlp.example.com/otlp/v1/traces"),
    ])
    func `Adds the path of traces to the endpoint of everything`(value: String, url: String) throws {
        #expect(try read([Self.endpoint: value]).endpoint == HTTPURL(url))
    }

    @Test func `Takes the endpoint of traces as it is, before that of everything`() throws {
        for url in ["http://jaeger:4318/v1/traces", "http://jaeger:4318/other/", "http://jaeger:4318"] {
            #expect(try read(["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": url]).endpoint == HTTPURL(url))
        }
    }

    @Test(arguments: ["collector:4318", "grpc://collector:4317", "http://", "http://a b/"])
    func `Exports nothing to what is no URL of ours, and says so`(value: String) throws {
        let (text, configuration) = try warned([Self.endpoint: value])
        #expect(configuration == nil)
        #expect(text.hasPrefix(Self.endpoint) && text.hasSuffix("no traces are exported"))
    }

    @Test(arguments: ["grpc", "http/protobuf", "nonsense"])
    func `Says that it sends JSON where another protocol is asked for`(value: String) throws {
        let (text, configuration) = try warned(["OTEL_EXPORTER_OTLP_PROTOCOL": value])
        #expect(text.contains("'\(value)'") && text.contains("http/json") && configuration != nil)
        let ofTraces = try warned(["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": value])
        #expect(ofTraces.text.hasPrefix("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"))
    }

    @Test func `Warns of gRPC's port, unless http/json is asked for`() throws {
        #expect(try warned([Self.endpoint: "http://collector:4317"]).text.contains("4317"))
        _ = try read([Self.endpoint: "http://collector:4317", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"])
    }

    @Test func `Can be turned off`() throws {
        for variables in [
            ["OTEL_SDK_DISABLED": "true"], ["OTEL_SDK_DISABLED": "TRUE"], ["OTEL_TRACES_EXPORTER": "none"],
        ] {
            let (configuration, warnings) = TracingConfiguration.read(Self.base.merging(variables) { $1 })
            #expect(configuration == nil && warnings.isEmpty)
        }
        _ = try read(["OTEL_SDK_DISABLED": "false", "OTEL_TRACES_EXPORTER": "otlp"])
        #expect(try warned(["OTEL_SDK_DISABLED": "1"]).configuration != nil)
        #expect(try warned(["OTEL_TRACES_EXPORTER": "zipkin"]).configuration != nil)
    }

    @Test func `Reads time-out, compression and headers, those of traces first`() throws {
        let configuration = try read([
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1500", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": "2500",
            "OTEL_EXPORTER_OTLP_COMPRESSION": "none", "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": "gzip",
            "OTEL_EXPORTER_OTLP_HEADERS": "authorization=Basic%20YTpi, x-scope = a=b ,x-empty=",
        ])
        #expect(configuration.timeout == .milliseconds(2500) && configuration.isCompressed)
        #expect(configuration.headers[.authorization] == "Basic YTpi")
        #expect(configuration.headers[.known("x-scope")] == "a=b" && configuration.headers[.known("x-empty")] == "")
        #expect(try read(["OTEL_EXPORTER_OTLP_TIMEOUT": "0"]).timeout == TracingLimits.longestWait)
    }

    @Test(arguments: ["secret", "=secret", "authorization=secret%zz", "a=secret,b", "secret=%ff"])
    func `Passes malformed headers over, and does not repeat what may be a key`(value: String) throws {
        let (text, configuration) = try warned(["OTEL_EXPORTER_OTLP_HEADERS": value])
        #expect(configuration?.headers.isEmpty == true)
        #expect(text.hasPrefix("OTEL_EXPORTER_OTLP_HEADERS") && !text.contains("secret"))
    }

    @Test func `Leaves a header out that cannot be sent`() throws {
        let (text, configuration) = try warned(["OTEL_EXPORTER_OTLP_HEADERS": "not a name=secret,x-a=1"])
        #expect(text.contains("'not a name'") && !text.contains("secret"))
        #expect(configuration?.headers.count == 1)
    }

    @Test func `Reads files of certificates`() throws {
        let configuration = try read([
            "OTEL_EXPORTER_OTLP_CERTIFICATE": "/ca.pem", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": "/c.pem",
            "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": "/c.key",
        ])
        #expect(configuration.tls.authorityFiles == ["/ca.pem"])
        #expect(configuration.tls.certificate == TLSCertificateFiles(certificate: "/c.pem", key: "/c.key"))
        #expect(try warned(["OTEL_EXPORTER_OTLP_CLIENT_KEY": "/c.key"]).configuration?.tls.certificate == nil)
    }

    @Test func `Reads the sizes and times of batches`() throws {
        let configuration = try read([
            "OTEL_BSP_MAX_QUEUE_SIZE": "100", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "10", "OTEL_BSP_SCHEDULE_DELAY": "20",
            "OTEL_BSP_EXPORT_TIMEOUT": "30",
        ])
        #expect(configuration.queueSize == 100 && configuration.batchSize == 10)
        #expect(configuration.scheduleDelay == .milliseconds(20) && configuration.exportTimeout == .milliseconds(30))
        #expect(try read(["OTEL_BSP_MAX_QUEUE_SIZE": "100"]).batchSize == 100, "a batch fits the queue")
        #expect(try read(["OTEL_BSP_SCHEDULE_DELAY": "0"]).scheduleDelay > .zero)
        let defaults = try read([:])
        #expect(defaults.queueSize == 2048 && defaults.batchSize == 512 && defaults.timeout == .seconds(10))
        #expect(defaults.scheduleDelay == .seconds(5) && defaults.exportTimeout == .seconds(30))
    }

    @Test(arguments: [
        "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY",
        "OTEL_BSP_EXPORT_TIMEOUT",
        "OTEL_EXPORTER_OTLP_TIMEOUT",
    ])
    func `Passes over what is no number, or out of range`(name: String) throws {
        let defaults = try read([:])
        for value in ["-1", "1.5", "ten", "99999999999999999999", "0x10"] {
            let (text, found) = try warned([name: value])
            #expect(text.contains(name) && text.contains("'\(value)'"))
            let configuration = try #require(found)
            #expect(configuration.queueSize == defaults.queueSize && configuration.batchSize == defaults.batchSize)
            #expect(configuration.scheduleDelay == defaults.scheduleDelay)
            #expect(configuration.exportTimeout == defaults.exportTimeout && configuration.timeout == defaults.timeout)
        }
    }

    @Test func `A batch larger than the queue becomes as large as that`() throws {
        let (text, configuration) = try warned([
            "OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "20",
        ])
        #expect(text.contains("OTEL_BSP_MAX_EXPORT_BATCH_SIZE") && configuration?.batchSize == 10)
    }

    @Test func `Reads samplers and their ratio`() throws {
        let name = "OTEL_TRACES_SAMPLER"
        let argument = "OTEL_TRACES_SAMPLER_ARG"
        #expect(try read([:]).sampler == .parentBased(root: .alwaysOn))
        #expect(try read([name: "always_off", argument: "ignored"]).sampler == .alwaysOff)
        #expect(try read([name: "traceidratio", argument: "0.25"]).sampler == .traceIDRatio(0.25))
        #expect(try read([name: "traceidratio"]).sampler == .traceIDRatio(1))
        #expect(
            try read([name: "parentbased_traceidratio", argument: "0"]).sampler
                == .parentBased(root: .traceIDRatio(0)))
        for value in ["2", "-0.1", "half", "nan"] {
            let (text, configuration) = try warned([name: "traceidratio", argument: value])
            #expect(text.hasPrefix(argument) && configuration?.sampler == .traceIDRatio(1))
        }
        let (text, configuration) = try warned([name: "jaeger_remote"])
        #expect(text.hasPrefix(name) && text.contains("parentbased_traceidratio"))
        #expect(configuration?.sampler == .parentBased(root: .alwaysOn))
    }

    @Test func `Describes the process, in the words of the environment where there are some`() throws {
        let plain = try read([:]).resource
        #expect(plain["service.name"] == .string("lamina-llm-serve"))
        #expect(plain["service.version"] == .string(BuildInfo.version))
        #expect(plain["telemetry.sdk.language"] == .string("swift"))
        let attributes = "OTEL_RESOURCE_ATTRIBUTES"
        let named = try read([attributes: "service.name=a,k8s.pod.name=pod%2D1,team=x y"]).resource
        #expect(named["service.name"] == .string("a") && named["k8s.pod.name"] == .string("pod-1"))
        #expect(named["team"] == .string("x y"))
        let both = try read([attributes: "service.name=a", "OTEL_SERVICE_NAME": "b"]).resource
        #expect(both["service.name"] == .string("b"))
        let (text, configuration) = try warned([attributes: "good=1,bad"])
        #expect(text.hasPrefix(attributes) && text.contains("entry 2"))
        #expect(configuration?.resource["good"] == nil, "all or nothing, as the specification has it")
    }
}

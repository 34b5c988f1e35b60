import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry
import Logging
import Testing

@testable import LaminaServer

@Suite(.timeLimit(.minutes(1)))
struct TraceExporterTests {
    /// Retries at once, and exports only when asked or at the end.
    private static func configuration(_ url: HTTPURL) -> TracingConfiguration {
        var configuration = TracingConfiguration(endpoint: url)
        configuration.scheduleDelay = .seconds(3600)
        configuration.retry.firstDelay = .milliseconds(1)
        configuration.sampler = .alwaysOn
        return configuration
    }

    /// Runs a server's tracing that only makes these spans, and returns its metrics.
    private func export(
        _ names: [String], to url: HTTPURL, log: LogFile = LogFile(),
        configure: (inout TracingConfiguration) -> Void = { _ in }
    ) async throws -> String {
        var configuration = Self.configuration(url)
        configure(&configuration)
        let registry = MetricsRegistry()
        let tracing = try Tracing(configuration, registry: registry, logger: log.logger)
        try await tracing.whileExporting { try record(names, tracing.tracer) }
        return registry.text(.prometheusText)
    }

    private func record(_ names: [String], _ tracer: Tracer?) throws {
        let tracer = try #require(tracer)
        var random = SystemRandomBlock()
        for name in names {
            tracer.serverSpan(
                name, .root(isSampled: true, using: &random), parent: nil, at: .now, attributes: [:]
            ).end()
        }
    }

    private func outcomes(_ metrics: String) -> [Int] {
        ["exported", "dropped", "failed"].map { outcome in
            let line = metrics.split(separator: "\n").first {
                $0.hasPrefix(#"lamina_trace_spans_total{outcome="\#(outcome)"}"#)
            }
            return line?.split(separator: " ").last.flatMap { Int($0) } ?? -1
        }
    }

    @Test func `Sends what waits when the server ends, as OTLP in JSON`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            let metrics = try await export(["a", "b"], to: url) { configuration in
                configuration.resource = ["service.name": .string("test")]
                configuration.headers = [.authorization: "Bearer secret"]
            }
            let request = try #require(collector.requests.first)
            #expect(collector.requests.count == 1 && request.names == ["a", "b"])
            #expect(request.path == "/v1/traces")
            #expect(request.fields[.contentType] == "application/json")
            #expect(request.fields[.authorization] == "Bearer secret")
            #expect(request.fields[.userAgent]?.hasPrefix("lamina-llm-serve/") == true)
            #expect(request.fields[.traceParent] == nil, "exporting is not traced")
            let resource = try JSONValue(parsing: request.body)["resourceSpans"]?.arrayValue?.first?["resource"]
            #expect(
                resource?["attributes"] == [["key": "service.name", "value": ["stringValue": "test"]]])
            #expect(outcomes(metrics) == [2, 0, 0])
        }
    }

    @Test func `A full batch is sent at once, and what is left later`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            let registry = MetricsRegistry()
            var configuration = Self.configuration(url)
            configuration.batchSize = 2
            let tracing = try Tracing(configuration, registry: registry, logger: LogFile().logger)
            try await tracing.whileExporting {
                try record(["a", "b"], tracing.tracer)
                #expect(await collector.next(1).map(\.names) == [["a", "b"]])
                try record(["c"], tracing.tracer)
            }
            #expect(collector.requests.map(\.names) == [["a", "b"], ["c"]])
        }
    }

    @Test func `A span waits for others no longer than the delay`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            var configuration = Self.configuration(url)
            configuration.scheduleDelay = .milliseconds(5)
            let tracing = try Tracing(configuration, registry: MetricsRegistry(), logger: LogFile().logger)
            try await tracing.whileExporting {
                try record(["a"], tracing.tracer)
                #expect(await collector.next(1).map(\.names) == [["a"]])
            }
        }
    }

    @Test func `Sends in batches`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            let metrics = try await export(["a", "b", "c", "d", "e"], to: url) { $0.batchSize = 2 }
            #expect(collector.requests.flatMap(\.names) == ["a", "b", "c", "d", "e"])
            #expect(collector.requests.allSatisfy { $0.names.count <= 2 })
            #expect(outcomes(metrics) == [5, 0, 0])
        }
    }

    @Test(arguments: [429, 502, 503, 504])
    func `Tries again where the protocol says so`(code: Int) async throws {
        let collector = TestCollector([.status(.init(code: code)), .status(.init(code: code)), .status(.ok, "{}")])
        try await collector.run { url in
            let metrics = try await export(["a"], to: url)
            #expect(collector.requests.map(\.names) == [["a"], ["a"], ["a"]])
            #expect(outcomes(metrics) == [1, 0, 0])
        }
    }

    @Test(arguments: [400, 401, 404, 413, 415, 500, 501])
    func `Gives up at any other error, and says why`(code: Int) async throws {
        let log = LogFile()
        let collector = TestCollector([.status(.init(code: code), "not like\nthis")])
        try await collector.run { url in
            let metrics = try await export(["a"], to: url, log: log)
            #expect(collector.requests.count == 1)
            #expect(outcomes(metrics) == [0, 0, 1])
            #expect(log.text.contains("\(code) not like this"))
        }
    }

    @Test func `Waits as long as the collector asks, not as long as it would itself`() async throws {
        let collector = TestCollector([.status(.tooManyRequests, headers: [.retryAfter: "0"]), .status(.ok, "{}")])
        try await collector.run { url in
            let metrics = try await export(["a"], to: url) { $0.retry.firstDelay = .seconds(3600) }
            #expect(outcomes(metrics) == [1, 0, 0])
        }
        let busy = TestCollector([.status(.serviceUnavailable, headers: [.retryAfter: "100"])])
        try await busy.run { url in
            let metrics = try await export(["a", "b"], to: url) { configuration in
                configuration.batchSize = 1
                configuration.exportTimeout = .seconds(1)
                configuration.flushTimeout = .milliseconds(50)
            }
            // Asking again for the next batch would not be waiting.
            #expect(busy.requests.count == 1)
            #expect(outcomes(metrics) == [0, 1, 1])
        }
    }

    @Test func `Gives a batch up after so many attempts`() async throws {
        let collector = TestCollector([.status(.serviceUnavailable)])
        try await collector.run { url in
            let metrics = try await export(["a"], to: url) { $0.retry.attempts = 3 }
            #expect(collector.requests.count == 3)
            #expect(outcomes(metrics) == [0, 0, 1])
        }
    }

    @Test func `Counts what a collector took only in part`() async throws {
        let partial = #"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"too old"}}"#
        let log = LogFile()
        let collector = TestCollector([.status(.ok, partial)])
        try await collector.run { url in
            let metrics = try await export(["a", "b", "c"], to: url, log: log)
            #expect(collector.requests.count == 1)
            #expect(outcomes(metrics) == [1, 0, 2])
            #expect(log.text.contains("too old"))
        }
    }

    @Test func `Compresses where that is asked for`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            _ = try await export(["a"], to: url) { $0.isCompressed = true }
            let request = try #require(collector.requests.first)
            #expect(request.fields[.contentEncoding] == "gzip")
            #expect(request.body.prefix(2) == [0x1F, 0x8B])
        }
    }

    @Test func `Drops and counts what finds no place while other hosts cannot be reached yet`() async throws {
        let collector = TestCollector()
        try await collector.run { url in
            var configuration = Self.configuration(url)
            configuration.queueSize = 2
            let registry = MetricsRegistry()
            let tracing = try Tracing(configuration, registry: registry, logger: LogFile().logger)
            let (proxyIsReady, proxy) = AsyncStream<Void>.makeStream()
            try await tracing.whileExporting(after: { for await _ in proxyIsReady {} }) {
                try record(["a", "b", "c"], tracing.tracer)
                #expect(outcomes(registry.text(.prometheusText)) == [0, 1, 0])
                #expect(registry.text(.prometheusText).contains("lamina_trace_queue_spans 2\n"))
                proxy.finish()
            }
            #expect(collector.requests.map(\.names) == [["a", "b"]])
            #expect(outcomes(registry.text(.prometheusText)) == [2, 1, 0])
        }
    }

    @Test func `The server's end waits for a silent collector only so long`() async throws {
        let listener = try ListeningSocket(host: "127.0.0.1", port: 0)
        defer { listener.close() }
        let log = LogFile()
        let url = try HTTPURL("http://127.0.0.1:\(listener.address.port)/v1/traces")
        let metrics = try await export(["a", "b"], to: url, log: log) { configuration in
            configuration.batchSize = 1
            configuration.flushTimeout = .milliseconds(20)
        }
        #expect(outcomes(metrics) == [0, 1, 1])
        #expect(log.text.contains("spans were left behind"))
    }

    @Test func `Certificates that cannot be used cost the traces, not the server`() throws {
        var configuration = TracingConfiguration(endpoint: try HTTPURL("https://collector/v1/traces"))
        configuration.tls.authorityFiles = ["/nonexistent/ca.pem"]
        let log = LogFile()
        let tracing = try Tracing(configuration, registry: MetricsRegistry(), logger: log.logger)
        #expect(tracing.tracer == nil)
        #expect(log.text.contains("traces are not exported") && log.text.contains("ca.pem"))
    }

    @Test func `Passes on how the server's work ended`() async throws {
        struct Failure: Error {}
        let collector = TestCollector()
        try await collector.run { url in
            let tracing = try Tracing(Self.configuration(url), registry: MetricsRegistry(), logger: LogFile().logger)
            await #expect(throws: Failure.self) {
                try await tracing.whileExporting {
                    try record(["a"], tracing.tracer)
                    throw Failure()
                }
            }
            #expect(collector.requests.map(\.names) == [["a"]])
        }
        let off = try Tracing(nil, registry: MetricsRegistry(), logger: LogFile().logger)
        await #expect(throws: Failure.self) { try await off.whileExporting { throw Failure() } }
        #expect(off.tracer == nil)
    }
}

struct OTLPPartialSuccessTests {
    @Test(arguments: [
        ("", 0, nil), ("{}", 0, nil), ("[]", 0, nil), (#"{"partialSuccess":{}}"#, 0, nil),
        (#"{"partialSuccess":{"rejectedSpans":"3"}}"#, 3, nil), (#"{"partialSuccess":{"rejectedSpans":3}}"#, 3, nil),
        (#"{"partialSuccess":{"rejectedSpans":"-1","errorMessage":""}}"#, 0, nil),
        (#"{"partialSuccess":{"errorMessage":"slow"}}"#, 0, "slow"), ("\u{1F}\u{8B}", 0, nil),
    ])
    func `Reads what is there`(body: String, rejected: Int, message: String?) {
        let partial = OTLPPartialSuccess(Array(body.utf8))
        #expect(partial.rejectedSpans == rejected && partial.message == message)
    }
}

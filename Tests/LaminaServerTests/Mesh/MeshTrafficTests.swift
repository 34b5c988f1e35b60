import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaTelemetry
import Logging
import Testing

@testable import LaminaServer

struct MeshTrafficTests {
    private static let completion = "/v1/completions"

    /// A replica that has computed something.
    private static func load() -> LoadMonitor {
        let load = LoadMonitor()
        var report = StepReport()
        (report.stepDuration, report.computedTokens) = (.milliseconds(100), 20)
        (report.runningSequences, report.maximumSequences) = (4, 16)
        load.observe(report)
        return load
    }

    /// The report on an answer, asked for with `format`.
    private static func field(
        _ mode: LoadReportMode, _ format: String?, route: String? = completion, load: LoadMonitor = load()
    ) async throws -> String? {
        let traffic = try MeshTraffic(mode: mode, load: load, registry: MetricsRegistry())
        var fields: HTTPFields = [:]
        fields[.endpointLoadMetricsFormat] = format
        let request = try IncomingRequest(method: .post, target: completion, fields: fields)
        let response = await traffic.respond(to: request) { _ in
            var response = OutgoingResponse()
            response.route = route
            return response
        }
        var head = response.headers
        response.onHead?(&head)
        return head[.endpointLoadMetrics]
    }

    @Test func `Reports where it is asked, in the format that is asked for`() async throws {
        #expect(try await Self.field(.onRequest, nil) == nil)
        #expect(try await Self.field(.onRequest, "text")?.hasPrefix("TEXT application_utilization=") == true)
        #expect(try await Self.field(.onRequest, "json")?.hasPrefix("JSON {") == true)
        #expect(try await Self.field(.onRequest, "BIN")?.hasPrefix("BIN ") == true)
        #expect(try await Self.field(.onRequest, "yaml") == nil)
        #expect(try await Self.field(.onRequest, "text", route: "/livez") != nil)
    }

    @Test func `Always means answers to requests for text, others only where they are asked`() async throws {
        #expect(try await Self.field(.always, nil)?.hasPrefix("TEXT ") == true)
        #expect(try await Self.field(.always, "json")?.hasPrefix("JSON ") == true)
        #expect(try await Self.field(.always, nil, route: "/metrics") == nil)
        #expect(try await Self.field(.always, nil, route: nil) == nil)
        #expect(try await Self.field(.always, "text", route: "/metrics") != nil)
    }

    @Test func `Off means never`() async throws {
        #expect(try await Self.field(.off, "text") == nil)
    }

    @Test func `Says nothing before anything was computed`() async throws {
        #expect(try await Self.field(.always, "text", load: LoadMonitor()) == nil)
    }

    @Test func `The report is of the moment when the head goes out`() async throws {
        let load = Self.load()
        let traffic = try MeshTraffic(mode: .always, load: load, registry: MetricsRegistry())
        let response = await traffic.respond(to: try IncomingRequest(method: .post, target: Self.completion)) { _ in
            var response = OutgoingResponse(body: .stream { _ in })
            response.route = Self.completion
            return response
        }
        var report = StepReport()
        (report.runningSequences, report.waitingSequences, report.maximumSequences) = (16, 32, 16)
        load.observe(report)
        var head = response.headers
        response.onHead?(&head)
        #expect(head[.endpointLoadMetrics]?.contains("application_utilization=3.0,") == true)
    }

    @Test(
        arguments: [
            ("2", true), ("7", true), ("1", false), ("0", false), ("-3", false), ("many", false), (nil, false),
        ] as [(String?, Bool)])
    func `Counts requests that a proxy has sent before`(attempt: String?, isCounted: Bool) async throws {
        let registry = MetricsRegistry()
        let traffic = try MeshTraffic(mode: .off, load: LoadMonitor(), registry: registry)
        var fields: HTTPFields = [:]
        fields[.envoyAttemptCount] = attempt
        _ = await traffic.respond(to: try IncomingRequest(method: .get, target: "/", fields: fields)) { _ in
            OutgoingResponse()
        }
        #expect(registry.text(.prometheusText).contains("lamina_http_retried_requests_total \(isCounted ? 1 : 0)\n"))
    }

    @Test func `Who is refused for want of a key is not told the load`() async throws {
        var router = Router()
        router.add(.post, Self.completion) { _ in OutgoingResponse() }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let source = try #require(APIKeySource(file: nil, environment: "secret"))
        let registry = MetricsRegistry()
        let pipeline = RequestPipeline(
            ServerConfiguration(http: HTTPServerConfiguration()), router: router,
            callers: try .unruled(registry, keys: try APIKeyStore(source, logger: logger)),
            traffic: try MeshTraffic(mode: .always, load: Self.load(), registry: registry), logger: logger)
        func field(_ fields: HTTPFields) async throws -> String? {
            let response = await pipeline.handler(
                try IncomingRequest(method: .post, target: Self.completion, fields: fields))
            var head = response.headers
            response.onHead?(&head)
            return head[.endpointLoadMetrics]
        }
        #expect(try await field([.endpointLoadMetricsFormat: "text"]) == nil)
        #expect(try await field([.endpointLoadMetricsFormat: "text", .authorization: "Bearer secret"]) != nil)
    }
}

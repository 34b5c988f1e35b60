import Foundation
import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import LaminaModel
import LaminaTelemetry
import Logging
import Testing

@testable import LaminaServer

/// Requests to a server whose only place in the batch is taken, over real connections.
@Suite(.timeLimit(.minutes(1)))
struct QueuedStreamTests {
    private static let prompt = #"{"prompt":"Once upon a time","max_tokens":3,"ignore_eos":true"#
    private static let streamed = prompt + #","stream":true}"#

    @Test func `A stream that waits has its head and comments, and then its text`() async throws {
        try await Self.withServer(heartbeat: .milliseconds(1)) { server in
            try await server.client.withResponse(to: server.request(Self.streamed)) { response in
                #expect(response.status == .ok && response.head.fields[.contentType] == "text/event-stream")
                var text = try await Self.piece(of: response)
                #expect(text.hasPrefix(": keep-alive\n\n") && !text.contains("data:"))
                server.leave()
                while let piece = try await response.next() { text += String(decoding: piece, as: UTF8.self) }
                #expect(text.hasSuffix("data: [DONE]\n\n"))
                #expect(text.contains(#""finish_reason":"length""#))
            }
        }
    }

    @Test func `A request whose time is up in the queue is answered with 504 where nothing was said yet`() async throws
    {
        try await Self.withServer(heartbeat: nil) { server in
            for body in [Self.streamed, Self.prompt + "}"] {
                let (head, bytes) = try await server.client.send(server.request(body, [.requestTimeout: "20"]))
                #expect(head.status == .gatewayTimeout && head.fields[.contentType] == "application/json")
                #expect(head.fields[.envoyRateLimited] == "true" && head.fields[.shouldRetry] == "false")
                #expect(try JSONValue(parsing: bytes)["error"]?["code"] == "deadline_exceeded")
            }
            let counts = server.registry.text(.prometheusText).split(separator: "\n")
            #expect(counts.contains(#"lamina_deadlines_exceeded_total{stage="waiting"} 2"#), "\(counts)")
            #expect(server.computedPrompts == 1, "only the prompt of whoever has the place was computed")
        }
    }

    @Test func `After a comment the error is an event, and the stream ends in order`() async throws {
        try await Self.withServer(heartbeat: .milliseconds(1)) { server in
            let (head, bytes) = try await server.client.send(server.request(Self.streamed, [.requestTimeout: "300"]))
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(head.status == .ok && text.hasPrefix(": keep-alive\n\n"))
            #expect(text.contains("deadline_exceeded") && text.hasSuffix("data: [DONE]\n\n"))
        }
    }

    @Test func `A full replica says when to come again, and is worth a try elsewhere`() async throws {
        try await Self.withServer(heartbeat: nil, occupants: 1, maximumWaiting: 0) { server in
            let (head, bytes) = try await server.client.send(
                server.request(Self.streamed, [.endpointLoadMetricsFormat: "text"]))
            #expect(head.status == .serviceUnavailable && head.fields[.envoyRateLimited] == nil)
            let seconds = try #require(head.fields[.retryAfter].flatMap { Int($0) })
            #expect(RetryAfter.range.contains(seconds))
            #expect(try JSONValue(parsing: bytes)["error"]?["code"] == "queue_full")
            #expect(head.fields[.endpointLoadMetrics]?.hasPrefix("TEXT application_utilization=1.0, ") == true)
        }
    }

    @Test func `A server that ends answers who waits with 503 and a closed connection`() async throws {
        try await Self.withServer(heartbeat: nil) { server in
            async let answer = server.client.send(server.request(Self.streamed))
            try await server.waitUntil(waiting: server.occupants.count)
            await server.model.engine.stop()
            let (head, bytes) = try await answer
            #expect(head.status == .serviceUnavailable && head.fields[.connection] == "close")
            #expect(head.fields[.retryAfter] == "1")
            #expect(try JSONValue(parsing: bytes)["error"]?["code"] == "shutting_down")
        }
    }

    /// The next piece of a body, as text.
    private static func piece(of response: ClientResponse) async throws -> String {
        String(decoding: try #require(try await response.next()), as: UTF8.self)
    }
}

extension QueuedStreamTests {
    /// A server of the embedded model with one place in the batch, which others have and wait for.
    struct BusyServer {
        let model: ServedModel
        let registry: MetricsRegistry
        let client: HTTPClient
        let url: HTTPURL
        let occupants: [Engine.Generation]
        let steps: AsyncStream<StepReport>

        func request(_ body: String, _ fields: HTTPFields = [:]) -> ClientRequest {
            var headers = fields
            headers[.contentType] = "application/json"
            return ClientRequest(.post, url, headers: headers, body: Array(body.utf8))
        }

        /// Frees the place, and the queue.
        func leave() { for occupant in occupants { model.engine.end(occupant.id, .cancelled) } }

        func waitUntil(waiting count: Int) async throws {
            for await step in steps where step.waitingSequences == count { return }
            Issue.record("nobody waits")
        }

        /// Prompts that were let in.
        var computedPrompts: Int {
            let prefix = "lamina_request_queue_time_seconds_count "
            let line = registry.text(.prometheusText).split(separator: "\n").first { $0.hasPrefix(prefix) }
            return line.flatMap { Int($0.dropFirst(prefix.count)) } ?? -1
        }
    }

    private static func withServer(
        heartbeat: Duration?, occupants: Int = 32, maximumWaiting: Int = 64, _ body: (BusyServer) async throws -> Void
    ) async throws {
        let registry = MetricsRegistry()
        let (steps, sink) = AsyncStream<StepReport>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let (metrics, load, state) = (try EngineMetrics(registry), LoadMonitor(), ServerState())
        let model = try busyModel(maximumWaiting) { report in
            metrics.observe(report)
            load.observe(report)
            sink.yield(report)
        }
        state.loaded(.init(id: "tiny", createdAt: 1, model: model))
        var router = Router(errorBody: APIError.body)
        OpenAIRoutes(
            state: state, generation: try GenerationMetrics(registry), engineMetrics: metrics, clock: UnixTime.now,
            heartbeat: heartbeat, load: load
        ).add(to: &router)
        let pipeline = RequestPipeline(
            ServerConfiguration(http: HTTPServerConfiguration()), router: router, callers: try .unruled(registry),
            traffic: try MeshTraffic(mode: .onRequest, load: load, registry: registry),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let server = HTTPServer(
            configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 0), handler: pipeline.handler)
        try server.bind()
        let port = try #require(server.port)
        let occupants = try await occupy(model, occupants)
        let client = HTTPClient(proxies: .none)
        defer { client.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { server.stopNow() }
            try await body(
                BusyServer(
                    model: model, registry: registry, client: client,
                    url: try HTTPURL("http://127.0.0.1:\(port)/v1/completions"), occupants: occupants, steps: steps))
            server.stopNow()
            try await group.waitForAll()
        }
        await model.engine.stop()
    }

    private static func busyModel(
        _ maximumWaiting: Int, report: @escaping @Sendable (StepReport) -> Void
    ) throws -> ServedModel {
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../models")
            .standardized
        let file = try ModelFile(path: models.appending(path: ModelLocator.embeddedName).path)
        var options = ServedModel.Options()
        options.memory = MemoryPlan.Wishes(maximumSequences: 1)
        options.maximumWaiting = maximumWaiting
        return try ServedModel(file, options: options, resources: .current(), report: report)
    }

    /// Sequences that one after the other take the only place for as long as the context is. The first has it.
    private static func occupy(_ model: ServedModel, _ count: Int) async throws -> [Engine.Generation] {
        var occupants: [Engine.Generation] = []
        for _ in 0..<count {
            let occupant = try model.engine.submit(
                GenerationRequest(prompt: [1], maximumTokens: model.plan.contextLength, sampling: .greedy))
            if occupants.isEmpty {
                for await event in occupant.events { if case .token = event { break } }
            }
            occupants.append(occupant)
        }
        return occupants
    }
}

import Foundation
import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaModel
import LaminaTelemetry
import Logging
import Synchronization
import Testing

@testable import LaminaServer

@Suite(.timeLimit(.minutes(1)))
struct FairShareTests {
    /// Answers of each caller, up to a number of all together.
    private final class Tally: Sendable {
        private let answers = Mutex<[String: Int]>([:])
        private let limit: Int

        init(limit: Int) { self.limit = limit }

        var byCaller: [String: Int] { answers.withLock { $0 } }
        var isFull: Bool { answers.withLock { $0.values.reduce(0, +) >= limit } }

        func count(_ caller: String) {
            answers.withLock { if $0.values.reduce(0, +) < limit { $0[caller, default: 0] += 1 } }
        }
    }

    private let registry = MetricsRegistry()

    /// The embedded model behind a sidecar, with a place for one sequence.
    private func pipeline() throws -> (handler: Router.Handler, model: ServedModel) {
        let state = ServerState()
        let engineMetrics = try EngineMetrics(registry)
        var router = Router(errorBody: APIError.body)
        OpenAIRoutes(
            state: state, generation: try GenerationMetrics(registry), engineMetrics: engineMetrics,
            clock: UnixTime.now
        ).add(to: &router)
        var configuration = ServerConfiguration(http: HTTPServerConfiguration())
        configuration.trustedProxies.sidecars[.istio] = try AddressSet(parsing: TrustedProxies.istioSidecar)
        let pipeline = RequestPipeline(
            configuration, router: router, callers: try .unruled(registry, mesh: .istio),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../models")
            .standardized
        var options = ServedModel.Options()
        options.memory.maximumSequences = 1
        let model = try ServedModel(
            ModelFile(path: models.appending(path: ModelLocator.embeddedName).path), options: options,
            resources: .current(), report: { engineMetrics.observe($0) })
        state.loaded(.init(id: "tiny", createdAt: 1, model: model))
        return (pipeline.handler, model)
    }

    private func request(from caller: String) throws -> IncomingRequest {
        try IncomingRequest(
            method: .post, target: "/v1/completions",
            fields: [
                .contentType: "application/json",
                .forwardedClientCertificate: "Hash=\(String(repeating: "0", count: 64));URI=\(caller)",
            ], body: Array(#"{"prompt":"Once upon a time","max_tokens":20,"ignore_eos":true}"#.utf8),
            from: "127.0.0.6:1")
    }

    @Test func `Identities with ten times unequal demand get equal shares of tokens`() async throws {
        let (handler, model) = try pipeline()
        let demand = ["spiffe://td/ns/a/sa/greedy": 20, "spiffe://td/ns/b/sa/modest": 2]
        let tally = Tally(limit: 48)
        try await withThrowingTaskGroup { group in
            for (caller, requests) in demand {
                for _ in 0..<requests {
                    group.addTask {
                        while !tally.isFull {
                            let answer = await handler(try request(from: caller))
                            #expect(answer.status == .ok)
                            tally.count(caller)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        // One after the other they would get 44 and 4.
        for (caller, answers) in tally.byCaller {
            #expect((20...28).contains(answers), "\(caller) has \(answers) of 48")
        }
        let metrics = registry.text(.prometheusText)
        for caller in demand.keys {
            #expect(metrics.contains(#"lamina_caller_generation_tokens_total{caller="\#(caller)"} "#))
        }
        await model.engine.stop()
    }
}

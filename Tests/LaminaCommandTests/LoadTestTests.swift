import HTTPTypes
import LaminaHTTP
import LaminaJSON
import Synchronization
import Testing

@testable import lamina_llm_serve

/// The driver against the real HTTP server with a handler that answers as the API does.
@Suite(.timeLimit(.minutes(1)))
struct LoadTestTests {
    /// Bodies and how many were answered at the same time.
    private final class Endpoint: Sendable {
        struct State {
            var bodies: [JSONValue] = []
            var running = 0
            var mostRunning = 0
        }

        let state = Mutex(State())
        let failingRequests: Set<Int>

        init(failingRequests: Set<Int> = []) { self.failingRequests = failingRequests }

        func answer(_ request: IncomingRequest) -> OutgoingResponse {
            if request.path == "/v1/models" {
                return OutgoingResponse(body: .bytes(Array(#"{"data":[{"id":"m"}]}"#.utf8)))
            }
            let number = state.withLock { state in
                state.bodies.append((try? JSONValue(parsing: request.body)) ?? .null)
                return state.bodies.count - 1
            }
            if failingRequests.contains(number) {
                return OutgoingResponse(
                    status: .serviceUnavailable, body: .bytes(Array(#"{"error":{"message":"full"}}"#.utf8)))
            }
            return OutgoingResponse(headers: ServerSentEvents.headers, body: .stream { try await self.stream($0) })
        }

        private func stream(_ writer: any ResponseBodyWriter) async throws {
            state.withLock {
                $0.running += 1
                $0.mostRunning = max($0.mostRunning, $0.running)
            }
            defer { state.withLock { $0.running -= 1 } }
            for data in [
                #"{"choices":[{"text":"one"}]}"#, #"{"choices":[{"text":" two","finish_reason":"length"}]}"#,
                #"{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}"#, "[DONE]",
            ] { try await writer.write(ServerSentEvents.event(data: data)) }
        }
    }

    private func run(
        _ endpoint: Endpoint, turns: Int = 1, arrivals: LoadTest.Arrivals, extent: LoadTest.Extent
    ) async throws -> LoadReport {
        let server = HTTPServer(configuration: HTTPServerConfiguration(host: "127.0.0.1", port: 0)) {
            endpoint.answer($0)
        }
        try server.bind()
        let port = try #require(server.port)
        async let served: Void = server.run()
        let target = try await LoadTarget(
            url: "http://127.0.0.1:\(port)/v1/", client: HTTPClient(timeouts: .init(total: .seconds(20))),
            authorization: [.authorization: "Bearer secret"], model: nil, form: .promptIds, temperature: 0)
        #expect(target.model == "m")
        let test = LoadTest(
            target: target,
            workload: Workload(
                source: PromptSource(material: .tokens(1...9)), inputTokens: TokenRange(4), outputTokens: TokenRange(3),
                prefixTokens: 0, turns: turns, seed: 3),
            arrivals: arrivals, extent: extent, log: LoadLog())
        await test.run()
        target.close()
        server.stopNow()
        try await served
        return LoadReport(test.log.current, isInterrupted: false)
    }

    @Test func `Keeps as many requests running as asked, and no more`() async throws {
        let endpoint = Endpoint()
        let report = try await run(
            endpoint, arrivals: .closedLoop(concurrency: 3), extent: .init(conversations: 20))
        #expect((report.succeeded, report.failed, report.cancelled) == (20, 0, 0))
        #expect((report.promptTokens, report.outputTokens) == (140, 60))
        #expect(report.interTokenLatency?.count == 20)
        endpoint.state.withLock { state in
            #expect(state.mostRunning <= 3)
            #expect(state.bodies.allSatisfy { $0["ignore_eos"] == true && $0["max_tokens"] == 3 && $0["model"] == "m" })
            #expect(Set(state.bodies.map { JSONWriter.text(of: $0["prompt"] ?? .null) }).count > 18)
        }
    }

    @Test func `Sends at a rate`() async throws {
        let report = try await run(Endpoint(), arrivals: .poisson(rate: 400), extent: .init(conversations: 20))
        #expect(report.succeeded == 20)
    }

    @Test func `Stops beginning requests when the time is over`() async throws {
        let report = try await run(
            Endpoint(), arrivals: .closedLoop(concurrency: 1), extent: .init(duration: .milliseconds(100)))
        #expect(report.succeeded > 0)
        #expect(report.failed == 0)
    }

    @Test func `Ends a conversation whose request failed, and counts why`() async throws {
        let report = try await run(
            Endpoint(failingRequests: [1]), turns: 4, arrivals: .closedLoop(concurrency: 1),
            extent: .init(conversations: 2))
        #expect(report.succeeded == 5)
        #expect(report.failures == [.init(reason: "status 503", count: 1, example: "status 503: full")])
        #expect(report.notSent == 2)
        #expect(report.text.contains("1 failed, 2 not sent after a failure"))
        #expect(report.json["requests"]?["failed"] == 1)
    }

    @Test func `Shows how far it is`() {
        let log = LoadLog()
        let now = ContinuousClock.now
        log.begin(at: now)
        log.requestBegan()
        log.requestBegan()
        log.requestEnded(RequestSample(), turnsLost: 0)
        let progress = LoadTestProgress(log: log, extent: .init(conversations: 2), turns: 1)
        let line = progress.line(log.current, at: now + .seconds(3))
        #expect(line.hasSuffix("1 of 2 requests, 3 s, 1 running"))
        #expect(line.hasPrefix(String(repeating: "█", count: 15) + "░"))
    }
}

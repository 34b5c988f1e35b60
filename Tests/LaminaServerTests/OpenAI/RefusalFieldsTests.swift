import HTTPTypes
import LaminaEngine
import LaminaHTTP
import Testing

@testable import LaminaServer

/// What proxies and clients read of a refusal beside its body: the table of docs/mesh.md.
struct RefusalFieldsTests {
    private func answer(_ refusal: EngineRefusal) -> OutgoingResponse {
        OutgoingResponse(APIError(refusal, parameter: "prompt", retryAfterSeconds: 7))
    }

    private func advice(_ response: OutgoingResponse) -> [String?] {
        [
            response.headers[.retryAfter], response.headers[.envoyRateLimited], response.headers[.connection],
            response.headers[.shouldRetry],
        ]
    }

    @Test func `A full replica is worth a try elsewhere, and here after a while`() {
        let full = answer(.queueFull(limit: 3))
        #expect(full.status == .serviceUnavailable && advice(full) == ["7", nil, nil, nil])
    }

    @Test func `A tenant that has its share is not helped by other replicas`() {
        let greedy = answer(.tenantQueueFull(limit: 3))
        #expect(greedy.status == .tooManyRequests && advice(greedy) == ["7", "true", nil, nil])
    }

    @Test func `A server that ends asks for another connection`() {
        let error = APIError(.stopping, parameter: "prompt")
        #expect(advice(OutgoingResponse(error)) == ["1", nil, "close", nil])
        #expect(InsteadOfStream(error).headers[.connection] == "close")
    }

    @Test func `A request without time left is tried by nobody`() {
        let late = answer(.deadlinePassed)
        #expect(late.status == .gatewayTimeout && advice(late) == [nil, "true", nil, "false"])
    }

    @Test func `What the request is at fault for says nothing of other attempts`() {
        for refusal in [EngineRefusal.emptyPrompt, .promptTooLong(promptTokens: 2, contextLength: 1)] {
            #expect(answer(refusal).status == .badRequest && advice(answer(refusal)) == [nil, nil, nil, nil])
        }
        #expect(advice(OutgoingResponse(.server("ours"))) == [nil, nil, nil, nil])
    }

    @Test func `While the model loads, the pace so far says how long the rest takes`() {
        let state = ServerState()
        let now = ContinuousClock.now
        #expect((29.9...31).contains(state.remainingLoading(0.25, at: now + .seconds(10)) / .seconds(1)))
        #expect(RetryAfter.seconds(state.remainingLoading(0, at: now + .seconds(10))) == 60)
        #expect(RetryAfter.seconds(state.remainingLoading(1, at: now + .seconds(10))) == 1)
    }
}

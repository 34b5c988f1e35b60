import LaminaHTTP
import Testing

@testable import lamina_llm_serve

struct CompletionStreamReaderTests {
    private let start = ContinuousClock.now

    private func read(_ events: [(milliseconds: Int, data: String)]) throws(LoadFailure) -> RequestSample {
        var reader = CompletionStreamReader(startedAt: start)
        var parser = EventStreamParser()
        for event in events {
            let bytes = ServerSentEvents.event(data: event.data)
            let parsed = (try? parser.feed(bytes[...])) ?? []
            for event in parsed.map({ $0 }) { try reader.take(event, at: at(events, event)) }
        }
        return try reader.finish(at: start + .milliseconds(events.last?.milliseconds ?? 0))
    }

    private func at(_ events: [(milliseconds: Int, data: String)], _ event: ServerSentEvent) -> ContinuousClock.Instant
    {
        let text = String(decoding: event.data, as: UTF8.self)
        return start + .milliseconds(events.first { $0.data == text }?.milliseconds ?? 0)
    }

    @Test func `Times a chat's pieces and takes the server's count`() throws {
        let sample = try read([
            (5, #"{"choices":[{"delta":{"role":"assistant","content":""},"finish_reason":null}]}"#),
            (100, #"{"choices":[{"delta":{"content":"a"}}]}"#),
            (130, #"{"choices":[{"delta":{"reasoning_content":"b"}}]}"#),
            (190, #"{"choices":[{"delta":{"content":"cd"}}]}"#),
            (191, #"{"choices":[{"delta":{},"finish_reason":"length"}]}"#),
            (
                192,
                #"{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"prompt_tokens_details":{"cached_tokens":2}}}"#
            ),
            (193, "[DONE]"),
        ])
        #expect(sample.timeToFirstToken == .milliseconds(100))
        #expect(sample.interTokenGaps == [.milliseconds(30), .milliseconds(60)])
        #expect(sample.duration == .milliseconds(193))
        #expect(sample.timePerOutputToken == .milliseconds(30))
        #expect(sample.text == "abcd")
        #expect((sample.promptTokens, sample.outputTokens, sample.cachedTokens) == (9, 4, 2))
    }

    @Test func `Counts pieces where the server counts nothing`() throws {
        let sample = try read([
            (1, #"{"choices":[{"text":"x","finish_reason":null}]}"#), (2, #"{"choices":[{"text":"y"}]}"#),
            (3, "[DONE]"),
        ])
        #expect(sample.outputTokens == 2)
    }

    @Test func `Fails where the stream does`() {
        #expect(throws: LoadFailure.incompleteStream) { try read([(1, #"{"choices":[{"text":"x"}]}"#)]) }
        #expect(throws: LoadFailure.errorEvent("no room")) { try read([(1, #"{"error":{"message":"no room"}}"#)]) }
        #expect(throws: LoadFailure.self) { try read([(1, "not JSON")]) }
    }

    @Test func `Finds the message of an error, whatever its shape`() {
        func message(_ text: String) -> String { CompletionStreamReader.message(of: Array(text.utf8)) }
        #expect(message(#"{"error":{"message":"a"}}"#) == "a")
        #expect(message(#"{"error":"b"}"#) == "b")
        #expect(message(#"{"message":"c"}"#) == "c")
        #expect(message(#"{"detail":"d"}"#) == #"{"detail":"d"}"#)
        #expect(message("<html>") == "<html>")
    }
}

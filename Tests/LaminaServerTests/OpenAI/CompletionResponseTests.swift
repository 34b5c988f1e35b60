import LaminaEngine
import LaminaJSON
import Testing

@testable import LaminaServer

@Suite struct CompletionResponseTests {
    private func identity(_ endpoint: CompletionIdentity.Endpoint) -> CompletionIdentity {
        CompletionIdentity(endpoint: endpoint, id: "id-1", created: 12, model: "tiny \"x\"")
    }
    private let usage = Usage(promptTokens: 3, completionTokens: 4, cachedTokens: 2)

    private func text(_ bytes: [UInt8]?) -> String? {
        bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    @Test func `Writes a chat completion`() {
        let response = CompletionResponse(identity: identity(.chat), text: "é\n", finishReason: .stop, usage: usage)
        #expect(
            JSONWriter.text(of: response.json) == #"""
                {"id":"id-1","object":"chat.completion","created":12,"model":"tiny \"x\"","choices":[{"index":0,"message":{"role":"assistant","content":"é\n","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":2}}}
                """#)
    }

    @Test func `Writes a text completion`() {
        let response = CompletionResponse(identity: identity(.text), text: "a", finishReason: .length, usage: usage)
        #expect(
            JSONWriter.text(of: response.json) == #"""
                {"id":"id-1","object":"text_completion","created":12,"model":"tiny \"x\"","choices":[{"index":0,"text":"a","logprobs":null,"finish_reason":"length"}],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":2}}}
                """#)
    }

    @Test func `Streams a chat: role, text, reason, usage`() {
        let encoder = CompletionChunkEncoder(identity: identity(.chat), includesUsage: true)
        let head = #"{"id":"id-1","object":"chat.completion.chunk","created":12,"model":"tiny \"x\"","choices":["#
        #expect(
            text(encoder.start) == head
                + #"{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}"#
        )
        #expect(
            text(encoder.text("a\"b\u{1}😀")) == head
                + #"{"index":0,"delta":{"content":"a\"b\u0001😀"},"logprobs":null,"finish_reason":null}],"usage":null}"#)
        #expect(
            text(encoder.finish(.stop)) == head
                + #"{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}"#)
        #expect(
            text(encoder.usage(usage)) == head
                + #"],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7,"prompt_tokens_details":{"cached_tokens":2}}}"#
        )
        #expect(text(CompletionChunkEncoder.done) == "[DONE]")
    }

    @Test(arguments: [CompletionIdentity.Endpoint.chat, .text], [true, false])
    func `Every piece is JSON`(endpoint: CompletionIdentity.Endpoint, includesUsage: Bool) throws {
        let encoder = CompletionChunkEncoder(identity: identity(endpoint), includesUsage: includesUsage)
        let pieces = [encoder.start, encoder.text("\"\\\n"), encoder.finish(.length), encoder.usage(usage)]
        for piece in pieces.compactMap({ $0 }) {
            let value = try JSONValue(parsing: piece)
            #expect(value["id"] == "id-1")
            #expect(value["object"] == (endpoint == .chat ? "chat.completion.chunk" : "text_completion"))
            #expect(value["choices"]?.arrayValue != nil)
        }
        #expect((encoder.start == nil) == (endpoint == .text))
        let piece = try JSONValue(parsing: encoder.text("x"))
        #expect((piece["usage"] == .some(.null)) == includesUsage)
        #expect(piece["choices"]?.arrayValue?.first?["finish_reason"] == .some(.null))
    }

    @Test func `Writes errors in OpenAI's shape`() {
        #expect(
            text(APIError.unsupported("n", "one \"n\"").body)
                == #"{"error":{"message":"one \"n\"","type":"invalid_request_error","param":"n","code":"unsupported_parameter"}}"#
        )
        #expect(
            text(APIError.server("oops").body)
                == #"{"error":{"message":"oops","type":"server_error","param":null,"code":null}}"#)
        #expect(APIError.modelNotFound("x", available: ["a", "b"]).status == 404)
        #expect(APIError.overloaded("full").status == 503)
        let overflow = APIError(.promptTooLong(promptTokens: 1030, contextLength: 1024), parameter: "messages")
        #expect(overflow.code == "context_length_exceeded")
        #expect(overflow.message.contains("1030") && overflow.message.contains("1024"))
    }

    @Test func `Lists models`() {
        let list = ModelList(models: [ModelCard(id: "m", created: 5, ownedBy: "lamina", contextLength: 1024)])
        #expect(
            JSONWriter.text(of: list.json)
                == #"{"object":"list","data":[{"id":"m","object":"model","created":5,"owned_by":"lamina","max_model_len":1024}]}"#
        )
    }
}

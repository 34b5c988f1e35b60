import LaminaJSON
import Testing

@testable import LaminaServer

@Suite struct ChatCompletionRequestTests {
    private func read(_ body: String) throws(APIError) -> ChatCompletionRequest {
        try ChatCompletionRequest(body: Array(body.utf8))
    }

    private func refusal(_ body: String) -> APIError? {
        do {
            _ = try read(body)
            return nil
        } catch {
            return error
        }
    }

    @Test func `Reads a conversation with every role`() throws {
        let request = try read(
            #"""
            {"model":"m","messages":[{"role":"system","content":"s"},{"role":"developer","content":"d"},
            {"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
            {"role":"assistant","content":null,"tool_calls":[{"id":"1","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","content":"r","tool_call_id":"1"}],"max_completion_tokens":9,"max_tokens":5,
            "chat_template_kwargs":{"enable_thinking":false}}
            """#)
        #expect(request.model == "m")
        #expect(request.messages.map(\.role) == [.system, .developer, .user, .assistant, .tool])
        #expect(request.messages.map(\.content) == ["s", "d", "ab", nil, "r"])
        #expect(request.messages[2].json["content"] == "ab")
        #expect(request.messages[3].json["tool_calls"]?.arrayValue?.count == 1)
        #expect(request.messages[3].json["content"] == .null)
        #expect(request.messages[4].json.objectValue?.keys == ["role", "content", "tool_call_id"])
        #expect(request.parameters.maximumTokens == 9)
        #expect(request.templateVariables == ["enable_thinking": false])
    }

    @Test(arguments: [
        (#"{}"#, "messages"), (#"{"messages":[]}"#, "messages"), (#"{"messages":"hi"}"#, "messages"),
        (#"{"messages":["hi"]}"#, "messages[0]"),
        (#"{"messages":[{}]}"#, "messages[0].role"),
        (#"{"messages":[{"role":"alien","content":"x"}]}"#, "messages[0].role"),
        (#"{"messages":[{"role":1}]}"#, "messages[0].role"),
        (#"{"messages":[{"role":"user"}]}"#, "messages[0].content"),
        (#"{"messages":[{"role":"user","content":"x"},{"role":"user","content":null}]}"#, "messages[1].content"),
        (#"{"messages":[{"role":"user","content":7}]}"#, "messages[0].content"),
        (#"{"messages":[{"role":"user","content":[]}]}"#, "messages[0].content"),
        (#"{"messages":[{"role":"user","content":["x"]}]}"#, "messages[0].content[0]"),
        (#"{"messages":[{"role":"user","content":[{"type":"text"}]}]}"#, "messages[0].content[0].text"),
        (
            #"{"messages":[{"role":"user","content":[{"type":"text","text":"x"},{"type":"image_url","image_url":{}}]}]}"#,
            "messages[0].content[1].type"
        ),
        (#"{"messages":[{"role":"assistant","tool_calls":5}]}"#, "messages[0].tool_calls"),
        (#"{"messages":[{"role":"assistant","tool_calls":["x"]}]}"#, "messages[0].tool_calls[0]"),
        (
            #"{"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":5}}]}]}"#,
            "messages[0].tool_calls[0].function.arguments"
        ),
        (#"{"messages":[{"role":"user","content":"x"}],"temperature":3}"#, "temperature"),
        (#"{"messages":[{"role":"user","content":"x"}],"chat_template_kwargs":[]}"#, "chat_template_kwargs"),
        (#"{"messages":[{"role":"user","content":"x"}],"tools":[{"type":"function"}]}"#, "tools"),
    ])
    func `Names the field that is wrong`(body: String, parameter: String) throws {
        let error = try #require(refusal(body))
        #expect(error.status == 400)
        #expect(error.parameter == parameter)
    }

    @Test func `Says what is wrong in words`() {
        #expect(
            refusal(#"{"messages":[{"role":"user","content":7}]}"#)?.message
                == "'messages[0].content' must be a string or an array of text parts, but is an integer")
        #expect(refusal(#"{}"#)?.message == "'messages' is required: an array")
        #expect(
            refusal(#"{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}"#)?.code
                == "unsupported_content_type")
    }
}

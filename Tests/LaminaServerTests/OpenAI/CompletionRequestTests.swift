import LaminaJSON
import Testing

@testable import LaminaServer

@Suite struct CompletionRequestTests {
    private func read(_ body: String) throws(APIError) -> CompletionRequest {
        try CompletionRequest(body: Array(body.utf8))
    }

    private func refusal(_ body: String) -> APIError? {
        do {
            _ = try read(body)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        arguments: [
            (#"{"prompt":"hi"}"#, .text("hi")), (#"{"prompt":""}"#, .text("")), (#"{"prompt":["hi"]}"#, .text("hi")),
            (#"{"prompt":[1,2]}"#, .tokens([1, 2])), (#"{"prompt":[[1,2]]}"#, .tokens([1, 2])),
        ] as [(String, CompletionRequest.Prompt)])
    func `Reads prompts of every form`(body: String, prompt: CompletionRequest.Prompt) throws {
        #expect(try read(body).prompt == prompt)
    }

    @Test(arguments: [
        (#"{}"#, "prompt"), (#"{"prompt":null}"#, "prompt"), (#"{"prompt":5}"#, "prompt"),
        (#"{"prompt":[]}"#, "prompt"),
        (#"{"prompt":["a","b"]}"#, "prompt"), (#"{"prompt":[[1],[2]]}"#, "prompt"),
        (#"{"prompt":[1,"a"]}"#, "prompt[1]"),
        (#"{"prompt":[-1]}"#, "prompt[0]"), (#"{"prompt":[[1,2.5]]}"#, "prompt[0][1]"),
        (#"{"prompt":[99999999999]}"#, "prompt[0]"),
        (#"{"prompt":[[]]}"#, "prompt[0]"), (#"{"prompt":[{}]}"#, "prompt[0]"), (#"{"prompt":"a","model":5}"#, "model"),
    ])
    func `Names the field of a wrong prompt`(body: String, parameter: String) throws {
        let error = try #require(refusal(body))
        #expect(error.status == 400)
        #expect(error.kind == .invalidRequest)
        #expect(error.parameter == parameter)
    }

    @Test func `Refuses a body that is no JSON object`() throws {
        #expect(refusal("{")?.code == "invalid_json")
        #expect(refusal("[]")?.message == "the body must be an object, but is an array")
        #expect(refusal("")?.status == 400)
        #expect(refusal("{}")?.code == "missing_required_parameter")
    }

    @Test func `Reads every parameter`() throws {
        let parameters = try read(
            #"""
            {"prompt":"x","max_tokens":5,"temperature":0.5,"top_p":0.9,"top_k":40,"min_p":0.1,"seed":7,"stop":["a","b"],
             "stream":true,"stream_options":{"include_usage":true},"user":"me","unknown":{"x":1},"logit_bias":{},"n":1,
             "best_of":1,"echo":false,"logprobs":null,"presence_penalty":0,"frequency_penalty":0.0,"suffix":null}
            """#
        ).parameters
        #expect(parameters.maximumTokens == 5)
        #expect(parameters.temperature == 0.5)
        #expect(parameters.topP == 0.9)
        #expect(parameters.topK == 40)
        #expect(parameters.minP == 0.1)
        #expect(parameters.seed == 7)
        #expect(parameters.stop == ["a", "b"])
        #expect(parameters.isStreaming)
        #expect(parameters.includesUsage)
    }

    @Test func `Leaves absent and null parameters to the model's defaults`() throws {
        let absent = try read(#"{"prompt":"x"}"#).parameters
        let null = try read(
            #"{"prompt":"x","temperature":null,"stop":null,"stream":null,"seed":null,"max_tokens":null}"#)
        #expect(absent == null.parameters)
        #expect(absent.temperature == nil)
        #expect(absent.stop.isEmpty)
        #expect(!absent.isStreaming)
    }

    @Test(arguments: [
        (#""temperature":2"#, true), (#""temperature":0"#, true), (#""temperature":2.1"#, false),
        (#""temperature":-0.1"#, false),
        (#""temperature":"1""#, false), (#""top_p":1"#, true), (#""top_p":0"#, false), (#""top_p":0.0"#, false),
        (#""top_p":1.1"#, false),
        (#""top_k":-1"#, true), (#""top_k":0"#, true), (#""top_k":-2"#, false), (#""top_k":1.5"#, false),
        (#""min_p":1"#, true),
        (#""min_p":1.5"#, false), (#""max_tokens":1"#, true), (#""max_tokens":0"#, false), (#""max_tokens":-1"#, false),
        (#""max_tokens":1.5"#, false), (#""max_tokens":8.0"#, true), (#""max_completion_tokens":0"#, false),
        (#""seed":-5"#, true), (#""seed":1e300"#, false),
        (#""stop":"x""#, true), (#""stop":"""#, false), (#""stop":["a",""]"#, false), (#""stop":[]"#, true),
        (#""stop":[1]"#, false), (#""stop":5"#, false),
        (#""stream":1"#, false), (#""stream_options":{}"#, false), (#""stream":true,"stream_options":[]"#, false),
    ])
    func `Holds parameters to their ranges`(member: String, isAllowed: Bool) throws {
        let error = refusal(#"{"prompt":"x",\#(member)}"#)
        #expect((error == nil) == isAllowed)
        if let error {
            let name = try #require(member.split(separator: "\"").first { $0 != "stream" && $0 != ":true," })
            #expect(error.status == 400)
            #expect(error.parameter?.hasPrefix(name) == true || member.hasPrefix("\"stream\""))
        }
    }

    @Test func `Limits the number and length of stop strings`() {
        let sixteen = (0..<16).map { "\"\($0)\"" }.joined(separator: ",")
        #expect(refusal(#"{"prompt":"x","stop":[\#(sixteen)]}"#) == nil)
        #expect(refusal(#"{"prompt":"x","stop":[\#(sixteen),"17"]}"#)?.parameter == "stop")
        #expect(refusal(#"{"prompt":"x","stop":"\#(String(repeating: "x", count: 1025))"}"#)?.parameter == "stop")
    }

    @Test(arguments: [
        #""n":2"#, #""best_of":2"#, #""logprobs":1"#, #""logprobs":true"#, #""logprobs":0"#, #""top_logprobs":3"#,
        #""echo":true"#,
        #""tools":[{}]"#, #""functions":[{}]"#, #""logit_bias":{"5":1}"#, #""response_format":{"type":"json_object"}"#,
        #""response_format":"text""#, #""presence_penalty":0.5"#, #""frequency_penalty":-1"#, #""suffix":"end""#,
        #""n":"1""#,
        #""repetition_penalty":1.1"#, #""tool_choice":"required""#, #""grammar":"root ::= x""#,
        #""guided_json":{"type":"object"}"#,
    ])
    func `Refuses what it would otherwise have to ignore`(member: String) throws {
        let error = try #require(refusal(#"{"prompt":"x",\#(member)}"#))
        #expect(error.status == 400)
        #expect(error.code == "unsupported_parameter")
        let name = try #require(error.parameter)
        #expect(member.hasPrefix("\"\(name)\""))
        #expect(error.message.contains(name))
    }

    @Test(arguments: [
        #""n":1"#, #""logprobs":false"#, #""top_logprobs":0"#, #""tools":[]"#, #""tool_choice":"none""#,
        #""tool_choice":"auto""#, #""response_format":{"type":"text"}"#,
        #""suffix":"""#, #""functions":null"#, #""repetition_penalty":1.0"#, #""modalities":["text"]"#,
        #""logit_bias":{}"#,
    ])
    func `Lets defaults through that ask for nothing`(member: String) {
        #expect(refusal(#"{"prompt":"x",\#(member)}"#) == nil)
    }
}

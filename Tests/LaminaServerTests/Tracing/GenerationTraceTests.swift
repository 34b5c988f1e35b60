import HTTPTypes
import LaminaHTTP
import LaminaJSON
import LaminaTelemetry
import Testing

@testable import LaminaServer

/// The spans of completions by the embedded model.
@Suite(.timeLimit(.minutes(1)))
struct GenerationTraceTests {
    private static let phases = ["tokenize", "queue", "prefill", "decode"]
    private static let question = #"{"messages":[{"role":"user","content":"What is the capital of France?"}]"#

    @Test(arguments: [false, true])
    func `An answer's phases follow each other below it`(isStreaming: Bool) async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        let answer = try await routes.post(
            "/v1/chat/completions",
            Self.question + #","temperature":0,"max_tokens":8,"seed":-1,"stop":["~"],"stream":\#(isStreaming)}"#)
        #expect(answer.status == 200)
        let chat = try #require(sink.only("chat tiny"))
        let spans = try Self.phases.map { try #require(sink.only($0)) }
        for span in spans {
            #expect(span.parent?.id == chat.context.spanID && span.parent?.isRemote == false)
            #expect(span.kind == .internal)
            #expect(span.context.traceID == chat.context.traceID)
            #expect(chat.start <= span.start && span.start <= span.end && span.end <= chat.end)
        }
        for (earlier, later) in zip(spans, spans.dropFirst()) { #expect(earlier.end <= later.start) }
        #expect(spans[1].end == spans[2].start && spans[2].end == spans[3].start)
        #expect(chat.events.map(\.name) == ["first_token"] && chat.events.map(\.time) == [spans[3].start])
        #expect((chat.attributes["gen_ai.response.time_to_first_chunk"] != nil) == isStreaming)
    }

    @Test func `Says what the conventions for generative AI ask for, and nothing of what was said`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        let answer = try await routes.post(
            "/v1/chat/completions",
            Self.question + #","temperature":0.5,"top_p":0.9,"top_k":3,"max_tokens":2,"seed":-1,"stop":["x","y"]}"#)
        let span = try #require(sink.only("chat tiny"))
        #expect(
            span.attributes == [
                "gen_ai.operation.name": .string("chat"), "gen_ai.provider.name": .string("lamina"),
                "gen_ai.request.model": .string("tiny"), "gen_ai.response.model": .string("tiny"),
                "gen_ai.response.id": .string(answer.json["id"]?.stringValue ?? ""),
                "gen_ai.output.type": .string("text"), "gen_ai.request.stream": .bool(false),
                "gen_ai.request.max_tokens": .integer(2), "gen_ai.request.temperature": .number(0.5),
                "gen_ai.request.top_p": .number(0.9), "gen_ai.request.top_k": .integer(3),
                "gen_ai.request.seed": .integer(-1), "gen_ai.request.stop_sequences": .strings(["x", "y"]),
                "gen_ai.usage.input_tokens": .integer(
                    Int(answer.json["usage"]?["prompt_tokens"]?.integerValue ?? 0)),
                "gen_ai.usage.cache_read.input_tokens": .integer(0),
                "gen_ai.response.finish_reasons": .strings(["length"]), "gen_ai.usage.output_tokens": .integer(2),
            ])
        #expect(span.failure == nil)
    }

    @Test func `A text completion is named after its operation`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        _ = try await routes.post("/v1/completions", #"{"prompt":"a","max_tokens":1}"#)
        #expect(sink.only("text_completion tiny")?.attributes["gen_ai.request.max_tokens"] == .integer(1))
    }

    @Test func `A refused prompt has failed, without phases it did not come to`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        _ = try await routes.post("/v1/completions", #"{"prompt":[99999]}"#)
        let span = try #require(sink.only("text_completion tiny"))
        #expect(span.attributes["error.type"] == .string("invalid_value"))
        #expect(span.failure?.contains("99999") == true)
        #expect(sink.spans.map(\.name) == ["tokenize", "text_completion tiny", "POST"])
    }

    @Test func `A request that fails before the model is chosen has no such span`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        _ = try await routes.post("/v1/completions", "{")
        #expect(sink.spans.map(\.name) == ["POST"], "dropped, since nobody reported the end of its answer")
    }

    @Test func `An answer that nobody reads ends what it had begun`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        do {
            let request = try IncomingRequest(
                method: .post, target: "/v1/completions", fields: [.contentType: "application/json"],
                body: Array(#"{"prompt":"a","max_tokens":900,"ignore_eos":true,"stream":true}"#.utf8))
            let response = await routes.pipeline.handler(request)
            withExtendedLifetime(response) {
                #expect(response.status == .ok && sink.only("text_completion tiny") == nil)
            }
        }
        #expect(sink.only("text_completion tiny") != nil && sink.only("queue") != nil)
    }

    @Test func `A client that leaves midway is no error`() async throws {
        struct Gone: Error {}
        struct LeavingWriter: ResponseBodyWriter {
            func write(_ bytes: [UInt8]) async throws { throw Gone() }
        }
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        let request = try IncomingRequest(
            method: .post, target: "/v1/completions", fields: [.contentType: "application/json"],
            body: Array(#"{"prompt":"Once upon","max_tokens":900,"ignore_eos":true,"stream":true}"#.utf8))
        guard case .stream(let write) = await routes.pipeline.handler(request).body else {
            Issue.record("an answer that is streamed")
            return
        }
        await #expect(throws: Gone.self) { try await write(LeavingWriter()) }
        let span = try #require(sink.only("text_completion tiny"))
        #expect(span.failure == nil)
        #expect(span.attributes["gen_ai.response.finish_reasons"] == .strings(["cancelled"]))
    }

    @Test func `A streamed answer that its deadline ends has failed, and so has its request`() async throws {
        let sink = SpanSink()
        let routes = try TestRoutes(tracer: sink.tracer())
        let answer = try await routes.post(
            "/v1/completions", #"{"prompt":"Once upon a time","max_tokens":900,"ignore_eos":true,"stream":true}"#,
            fields: [.contentType: "application/json", .requestTimeout: "30"])
        let span = try #require(sink.only("text_completion tiny"))
        let type = try #require(span.attributes["error.type"])
        #expect([.string("deadline"), .string("deadline_exceeded")].contains(type), "\(answer.text)")
        if answer.status == 200 {
            #expect(sink.only("POST")?.attributes["error.type"] == .string("deadline_exceeded"))
        }
    }

    @Test func `Exemplars name the trace where it is recorded`() async throws {
        let routes = try TestRoutes()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        for flags in ["00", "01"] {
            let scrape: HTTPFields = [.accept: "application/openmetrics-text; version=1.0.0"]
            let isNamed = flags == "01"
            _ = try await routes.post(
                "/v1/completions", #"{"prompt":"a","max_tokens":3}"#,
                fields: [
                    .contentType: "application/json", .traceParent: "00-\(trace)-b7ad6b7169203331-\(flags)",
                ])
            let text = try await routes.get("/metrics", fields: scrape).text
            for metric in ["time_to_first_token", "inter_token_latency", "request_duration"] {
                let lines = text.split(separator: "\n").filter { $0.hasPrefix("lamina_\(metric)_seconds_bucket") }
                #expect(lines.contains { $0.contains(#"trace_id="\#(trace)""#) } == isNamed, "\(metric)")
            }
        }
    }
}

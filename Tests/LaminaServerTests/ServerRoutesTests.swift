import Foundation
import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import LaminaModel
import LaminaTelemetry
import Logging
import Synchronization
import Testing

@testable import LaminaServer

/// The routes over the embedded model, called without a socket.
struct TestRoutes {
    let state = ServerState()
    let registry = MetricsRegistry()
    let pipeline: RequestPipeline

    init(isLoaded: Bool = true, tracer: Tracer? = nil) throws {
        var router = Router(errorBody: APIError.body)
        Probes(
            state: state,
            mesh: MeshWatch(MeshSettings(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            registry: registry
        ).add(to: &router)
        let engineMetrics = try EngineMetrics(registry)
        try registry.register(GatewayMetrics(engine: engineMetrics, state: state))
        OpenAIRoutes(
            state: state, generation: try GenerationMetrics(registry), engineMetrics: engineMetrics,
            clock: UnixTime.now
        ).add(to: &router)
        pipeline = RequestPipeline(
            ServerConfiguration(http: HTTPServerConfiguration()), router: router, callers: try .unruled(registry),
            tracer: tracer,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        guard isLoaded else { return }
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models").standardized
        let file = try ModelFile(path: models.appending(path: ModelLocator.embeddedName).path)
        let model = try ServedModel(
            file, options: ServedModel.Options(), resources: .current(), report: { engineMetrics.observe($0) })
        state.loaded(.init(id: "tiny", createdAt: 1, model: model, aliases: ["small"]))
    }

    func post(_ path: String, _ body: String, fields: HTTPFields = [.contentType: "application/json"]) async throws
        -> Answer
    {
        try await answer(IncomingRequest(method: .post, target: path, fields: fields, body: Array(body.utf8)))
    }

    func get(_ path: String, fields: HTTPFields = [:]) async throws -> Answer {
        try await answer(IncomingRequest(method: .get, target: path, fields: fields))
    }

    private func answer(_ request: IncomingRequest) async throws -> Answer {
        let response = await pipeline.handler(request)
        switch response.body {
        case .none: return Answer(status: response.status.code, headers: response.headers, text: "")
        case .bytes(let bytes):
            return Answer(
                status: response.status.code, headers: response.headers, text: String(decoding: bytes, as: UTF8.self))
        case .stream(let write):
            let collector = Collector()
            do {
                try await write(collector)
            } catch let answer as InsteadOfStream {
                let text = String(decoding: answer.body, as: UTF8.self)
                return Answer(status: answer.status.code, headers: answer.headers, text: text)
            }
            return Answer(status: response.status.code, headers: response.headers, text: collector.text)
        }
    }

    struct Answer {
        let status: Int
        let headers: HTTPFields
        let text: String
        var json: JSONValue { (try? JSONValue(parsing: text)) ?? .null }
        /// The data of each server-sent event.
        var events: [String] {
            text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { String($0.dropFirst("data: ".count)) }
        }
    }

    private final class Collector: ResponseBodyWriter {
        private let bytes = Mutex<[UInt8]>([])
        var text: String { bytes.withLock { String(decoding: $0, as: UTF8.self) } }
        func write(_ more: [UInt8]) async throws { bytes.withLock { $0 += more } }
    }
}

@Suite(.timeLimit(.minutes(1)))
struct ServerRoutesTests {
    private static let question = #"{"messages":[{"role":"user","content":"What is the capital of France?"}]"#

    @Test func `While the model loads, probes tell so and requests are asked to come again`() async throws {
        let routes = try TestRoutes(isLoaded: false)
        #expect(try await routes.get("/livez").status == 200)
        routes.state.progressed(to: 0.5)
        let ready = try await routes.get("/readyz")
        #expect(ready.status == 503 && ready.json["progress_percent"] == 50)
        let refused = try await routes.post("/v1/chat/completions", Self.question + "}")
        #expect(refused.status == 503 && refused.headers[.retryAfter] == "1")
        #expect(refused.json["error"]?["code"] == "model_loading")
    }

    @Test func `While leaving, readiness is gone and requests are served`() async throws {
        let routes = try TestRoutes()
        routes.state.leave()
        #expect(try await routes.get("/readyz").status == 503)
        #expect(try await routes.post("/v1/completions", #"{"prompt":"a","max_tokens":1}"#).status == 200)
        routes.state.drain()
        #expect(try await routes.post("/v1/completions", #"{"prompt":"a","max_tokens":1}"#).status == 503)
    }

    @Test func `A request for text without a body and without its length is asked for the length`() async throws {
        let routes = try TestRoutes()
        let answer = try await routes.post("/v1/completions", "")
        #expect(answer.status == 411 && answer.json["error"]?["code"] == "length_required")
        let empty: HTTPFields = [.contentType: "application/json", .contentLength: "0"]
        #expect(try await routes.post("/v1/completions", "", fields: empty).status == 400)
    }

    @Test func `While draining, new requests are refused and readiness is gone`() async throws {
        let routes = try TestRoutes()
        #expect(try await routes.get("/readyz").status == 200)
        routes.state.drain()
        #expect(try await routes.get("/readyz").status == 503)
        #expect(try await routes.post("/v1/completions", #"{"prompt":"a"}"#).status == 503)
        #expect(try await routes.get("/livez").status == 200)
    }

    @Test func `A stream is the whole answer in pieces, role first, reason and usage last`() async throws {
        let routes = try TestRoutes()
        let whole = try await routes.post("/v1/chat/completions", Self.question + "}")
        let text = whole.json["choices"]?.arrayValue?.first?["message"]?["content"]?.stringValue
        #expect(text?.contains("Paris") == true)
        let streamed = try await routes.post(
            "/v1/chat/completions", Self.question + #","stream":true,"stream_options":{"include_usage":true}}"#)
        let events = streamed.events
        #expect(events.last == "[DONE]")
        let chunks = events.dropLast().map { (try? JSONValue(parsing: $0)) ?? .null }
        let choices = chunks.compactMap { $0["choices"]?.arrayValue?.first }
        #expect(choices.first?["delta"]?["role"] == "assistant")
        #expect(choices.compactMap { $0["delta"]?["content"]?.stringValue }.joined() == text)
        #expect(choices.last?["finish_reason"] == "stop")
        let usage = chunks.last?["usage"]
        #expect(usage?["total_tokens"] == whole.json["usage"]?["total_tokens"])
        #expect(whole.json["usage"]?["prompt_tokens_details"]?["cached_tokens"] == 0)
        #expect(usage?["prompt_tokens_details"]?["cached_tokens"] == 16, "the first block of the same prompt")
    }

    @Test func `Stop strings end the text before them, and max_tokens after its number`() async throws {
        let routes = try TestRoutes()
        let stopped = try await routes.post("/v1/chat/completions", Self.question + #","stop":[" of France"]}"#)
        let choice = stopped.json["choices"]?.arrayValue?.first
        #expect(choice?["message"]?["content"] == "The capital" && choice?["finish_reason"] == "stop")
        let cut = try await routes.post("/v1/chat/completions", Self.question + #","max_tokens":2}"#)
        #expect(cut.json["choices"]?.arrayValue?.first?["finish_reason"] == "length")
        #expect(cut.json["usage"]?["completion_tokens"] == 2)
    }

    @Test func `Refuses with the status, field and code that fit`() async throws {
        let routes = try TestRoutes()
        let long = #"{"prompt":"\#(String(repeating: "word ", count: 3000))"}"#
        let cases: [(body: String, status: Int, code: String, parameter: JSONValue)] = [
            ("{", 400, "invalid_json", .null), (long, 400, "context_length_exceeded", "prompt"),
            (#"{"prompt":[99999]}"#, 400, "invalid_value", "prompt"),
            (#"{"prompt":""}"#, 400, "invalid_value", "prompt"),
            (#"{"prompt":"a","model":"other"}"#, 404, "model_not_found", "model"),
            (#"{"prompt":"a","max_tokens":-1}"#, 400, "invalid_value", "max_tokens"),
            (#"{"prompt":"a","n":2}"#, 400, "unsupported_parameter", "n"),
        ]
        for (body, status, code, parameter) in cases {
            let answer = try await routes.post("/v1/completions", body)
            let error = answer.json["error"]
            #expect(answer.status == status && error?["code"] == .string(code), "\(body.prefix(60)): \(answer.text)")
            #expect(error?["param"] == parameter, "\(body.prefix(60))")
        }
        let form = try await routes.post("/v1/completions", "a=b", fields: [.contentType: "text/plain"])
        #expect(form.status == 415)
        let page = try await routes.post("/v1/completions", "{}", fields: [.origin: "https://evil.example"])
        #expect(page.status == 415, "a browser sends it without a preflight")
        let compressed = try await routes.post(
            "/v1/completions", "{}", fields: [.contentType: "application/json", .contentEncoding: "br"])
        #expect(compressed.status == 415)
        #expect(try await routes.get("/nowhere").json["error"]?["type"] == "not_found_error")
        #expect(try await routes.get("/v1/completions").headers[.allow]?.contains("POST") == true)
    }

    @Test func `A request whose time is up is refused before anything is computed, or ends with an error`() async throws
    {
        let routes = try TestRoutes()
        var late = try IncomingRequest(
            method: .post, target: "/v1/completions",
            fields: [.contentType: "application/json", .requestTimeout: "1"],
            body: Array(#"{"prompt":"Once upon a time","max_tokens":900,"ignore_eos":true}"#.utf8))
        let refused = await routes.pipeline.handler(late)
        guard case .bytes(let bytes) = refused.body else {
            Issue.record("an error has a body")
            return
        }
        let error = try JSONValue(parsing: String(decoding: bytes, as: UTF8.self))["error"]
        #expect(refused.status.code == 504 && error?["code"] == "deadline_exceeded")
        #expect(error?["type"] == "timeout_error" && refused.headers[.retryAfter] == nil)
        late.head.headerFields[.requestTimeout] = "0"
        #expect(await routes.pipeline.handler(late).status.code == 400)
        let streamed = try await routes.post(
            "/v1/completions", #"{"prompt":"Once upon a time","max_tokens":900,"ignore_eos":true,"stream":true}"#,
            fields: [.contentType: "application/json", .requestTimeout: "30"])
        if streamed.status == 200 {
            #expect(streamed.events.last == "[DONE]")
            #expect(streamed.events.dropLast().last?.contains("deadline_exceeded") == true)
        } else {
            #expect(streamed.status == 504)
        }
        let metrics = try await routes.get("/metrics").text
        let counts = metrics.split(separator: "\n").filter { $0.hasPrefix("lamina_deadlines_exceeded_total{") }
        #expect(counts.reduce(0) { $0 + (Int($1.split(separator: " ")[1]) ?? 0) } == 2, "\(counts)")
    }

    @Test func `Continues the client's trace and keeps its request id`() async throws {
        let routes = try TestRoutes(isLoaded: false)
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
        let answer = try await routes.get(
            "/livez", fields: [.traceParent: "00-\(trace)-00f067aa0ba902b7-01", .requestID: "abc-1"])
        let parts = answer.headers[.traceParent]?.split(separator: "-") ?? []
        #expect(parts.count == 4 && parts[1] == trace && parts[2] != "00f067aa0ba902b7")
        #expect(answer.headers[.requestID] == "abc-1")
    }

    @Test func `Malformed ids are replaced, never sent back`() async throws {
        let routes = try TestRoutes(isLoaded: false)
        for id in ["", "two words", String(repeating: "x", count: 129)] {
            let answer = try await routes.get("/livez", fields: [.traceParent: "00-zz-1-01", .requestID: id])
            #expect(answer.headers[.requestID].flatMap { UUID(uuidString: $0) } != nil)
            #expect(answer.headers[.traceParent].flatMap { TraceContext(traceparent: $0) } != nil)
        }
    }

    @Test func `A model is listed, found and asked by all its names`() async throws {
        let routes = try TestRoutes()
        let listed = try await routes.get("/v1/models").json["data"]?.arrayValue?.compactMap { $0["id"]?.stringValue }
        #expect(listed == ["tiny", "small"])
        #expect(try await routes.get("/v1/models/small").json["id"] == "small")
        #expect(try await routes.get("/v1/models/large").status == 404)
        let answer = try await routes.post("/v1/completions", #"{"prompt":"a","max_tokens":1,"model":"small"}"#)
        #expect(answer.status == 200 && answer.json["model"] == "small")
        let unnamed = try await routes.post("/v1/completions", #"{"prompt":"a","max_tokens":1}"#)
        #expect(unnamed.json["model"] == "tiny")
        let unknown = try await routes.post("/v1/completions", #"{"prompt":"a","model":"large"}"#)
        #expect(unknown.status == 404 && unknown.text.contains("served: tiny, small"))
    }

    @Test func `An inference gateway finds its metrics once the model is there`() async throws {
        let names = ["num_requests_running", "num_requests_waiting", "kv_cache_usage_perc", "gpu_cache_usage_perc"]
        let loading = try await TestRoutes(isLoaded: false).get("/metrics").text
        for name in names { #expect(!loading.contains("vllm:\(name){")) }
        let text = try await TestRoutes().get("/metrics").text
        for name in names { #expect(text.contains("vllm:\(name){model_name=\"tiny\"} 0\n"), "\(name)") }
        #expect(text.contains(#"vllm:cache_config_info{model_name="tiny",block_size="16",num_gpu_blocks=""#))
    }

    @Test func `The engine's work shows in the metrics`() async throws {
        let routes = try TestRoutes()
        _ = try await routes.post("/v1/chat/completions", Self.question + "}")
        let text = try await routes.get("/metrics").text
        #expect(text.contains("lamina_time_to_first_token_seconds_count 1\n"))
        #expect(text.contains(#"lamina_requests_finished_total{reason="stop"} 1"#))
        #expect(text.contains(#"lamina_caller_requests_total{caller="anonymous"} 1"#))
        #expect(text.contains(#"lamina_caller_prompt_tokens_total{caller="anonymous"} "#))
        #expect(text.contains(#"lamina_caller_generation_tokens_total{caller="anonymous"} "#))
    }
}

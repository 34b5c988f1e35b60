import HTTPTypes
import LaminaEngine
import LaminaHTTP
import LaminaJSON
import LaminaModel
import LaminaTelemetry
import Logging

/// The OpenAI-compatible API: completions, chat completions, models.
struct OpenAIRoutes: Sendable {
    let state: ServerState
    let generation: GenerationMetrics
    let engineMetrics: EngineMetrics
    let clock: @Sendable () -> UnixTime
    /// How long any request may take; nil for as long as it wants.
    let requestTimeout: Duration?
    /// The longest silence of a stream; nil for any.
    let heartbeat: Duration?
    /// Says when a refused request may come again.
    let load: LoadMonitor
    private let encoding = EncodingQueue()

    init(
        state: ServerState, generation: GenerationMetrics, engineMetrics: EngineMetrics,
        clock: @escaping @Sendable () -> UnixTime, requestTimeout: Duration? = nil, heartbeat: Duration? = nil,
        load: LoadMonitor = LoadMonitor()
    ) {
        self.state = state
        self.generation = generation
        self.engineMetrics = engineMetrics
        self.clock = clock
        self.requestTimeout = requestTimeout
        self.heartbeat = heartbeat
        self.load = load
    }

    /// The routes whose answers are generated.
    static let generationPaths: Set<String> = ["/v1/completions", "/v1/chat/completions"]

    /// Tokens of a text completion that names no number: what OpenAI documents. Chats may fill the context.
    private static let completionTokens = 16
    /// Bytes up to which a prompt is tokenized even if it must be too long, so that its refusal names the exact number.
    private static let exactBytes = 256 << 10

    func add(to router: inout Router) {
        router.add(.post, "/v1/completions") { request in await answer { try await complete(request) } }
        router.add(.post, "/v1/chat/completions") { request in await answer { try await chat(request) } }
        router.add(.get, "/v1/models") { _ in
            await answer { .json(.ok, bytes: try readyModel().description.list) }
        }
        router.add(.get, "/v1/models/{id}") { request in
            await answer { .json(.ok, bytes: try readyModel(named: request.pathParameters["id"]).card) }
        }
    }

    private func complete(_ request: IncomingRequest) async throws -> OutgoingResponse {
        try Self.requireJSON(request)
        let completion = try CompletionRequest(body: request.body)
        let terms = try RequestTerms(
            request, completion.parameters, caller: RequestContext.current?.caller ?? Caller(), timeout: requestTimeout)
        let named = try readyModel(named: completion.model)
        return try await deliver(
            completion.parameters, terms, endpoint: .text, defaultTokens: Self.completionTokens, named
        ) {
            switch completion.prompt {
            case .text(let text):
                let encoder = try encoder(named, textBytes: text.utf8.count, parameter: "prompt")
                return try await encoding.run(bytes: text.utf8.count, until: terms.deadline) {
                    encoder.encode(text: text)
                }
            case .tokens(let tokens): return tokens
            }
        }
    }

    private func chat(_ request: IncomingRequest) async throws -> OutgoingResponse {
        try Self.requireJSON(request)
        let chat = try ChatCompletionRequest(body: request.body)
        let terms = try RequestTerms(
            request, chat.parameters, caller: RequestContext.current?.caller ?? Caller(), timeout: requestTimeout)
        let named = try readyModel(named: chat.model)
        let messages = chat.messages.map(\.json)
        let textBytes = chat.messages.reduce(0) { $0 + ($1.content?.utf8.count ?? 0) }
        return try await deliver(
            chat.parameters, terms, endpoint: .chat, defaultTokens: named.model.plan.contextLength, named
        ) {
            let encoder = try encoder(named, textBytes: textBytes, parameter: "messages")
            let now = clock()
            return try await encoding.run(bytes: request.body.count, until: terms.deadline) {
                try encoder.encode(chat: messages, variables: chat.templateVariables, now: now)
            }
        }
    }

    /// The model's encoder, unless the text is certain to be longer than the context: that is refused before any work.
    private func encoder(
        _ named: ServerState.NamedModel, textBytes: Int, parameter: String
    ) throws(APIError) -> PromptEncoder {
        let encoder = PromptEncoder(named.model.file)
        let contextLength = named.model.plan.contextLength
        let tokens = encoder.leastTokens(bytes: textBytes)
        guard tokens < contextLength || textBytes < Self.exactBytes else {
            engineMetrics.observe(.promptTooLong(promptTokens: tokens, contextLength: contextLength))
            throw .invalid(
                "the prompt has at least \(tokens) tokens, but this model's context is \(contextLength) tokens",
                parameter: parameter, code: "context_length_exceeded")
        }
        return encoder
    }

    /// Submits the request, so that a refusal still has a status of its own, then streams or gathers the answer.
    private func deliver(
        _ parameters: GenerationParameters, _ terms: RequestTerms, endpoint: CompletionIdentity.Endpoint,
        defaultTokens: Int, _ named: ServerState.NamedModel, prompt: () async throws -> [TokenID]
    ) async throws -> OutgoingResponse {
        var random = SystemRandomBlock()
        let id = "\(SpanID(using: &random))\(SpanID(using: &random))"
        let identity = CompletionIdentity(
            endpoint: endpoint, id: "\(endpoint == .chat ? "chatcmpl" : "cmpl")-\(id)",
            created: Int64(clock().seconds), model: named.id)
        let context = RequestContext.current
        let trace = GenerationTrace(of: identity, parameters, below: context?.span)
        do {
            let encodingStart = ContinuousClock.now
            let tokens = try await prompt()
            trace?.tokenized(since: encodingStart, count: tokens.count)
            let request = TextGeneration.Request(
                prompt: tokens, maximumTokens: parameters.maximumTokens ?? defaultTokens,
                sampling: parameters.sampling(over: SamplingDefaults.parameters(for: named.model.file.configuration)),
                stops: parameters.stop, ignoresEnd: parameters.ignoresEnd, terms: terms)
            let text = try TextGeneration(
                request, model: named.model, metrics: generation, trace: trace, traceID: context?.recordedTraceID,
                visit: .current)
            let delivery = CompletionDelivery(identity: identity, generation: text, heartbeat: heartbeat)
            return parameters.isStreaming
                ? delivery.stream(includesUsage: parameters.includesUsage) : try await delivery.whole()
        } catch {
            var error = error
            if let refusal = error as? EngineRefusal {
                engineMetrics.observe(refusal)
                error = APIError(
                    refusal, parameter: endpoint == .chat ? "messages" : "prompt",
                    retryAfterSeconds: load.retryAfterSeconds(refusal))
            }
            trace?.failed(error)
            throw error
        }
    }

    /// The served model, if the request means it and it can answer now.
    private func readyModel(named name: String? = nil) throws(APIError) -> ServerState.NamedModel {
        switch state.phase {
        case .loading(let share):
            var error = APIError.overloaded("the model is being loaded (\(Int(share * 100)) %)", code: "model_loading")
            error.retryAfterSeconds = RetryAfter.seconds(state.remainingLoading(share))
            throw error
        case .draining, .leaving(nil): throw .shuttingDown("the server is shutting down")
        case .ready(let model), .leaving(let model?):
            guard let name else { return model }
            guard let named = model.under(name) else {
                throw .modelNotFound(name, available: model.description.names)
            }
            return named
        }
    }

    /// A body is JSON, or of no stated type; everything else is 415, curl's default of a form included.
    ///
    /// What comes from a web page must state its type: without one, a page of any origin could have requests computed here that a
    /// browser sends without asking first (WHATWG Fetch, "CORS-safelisted request-header").
    private static func requireJSON(_ request: IncomingRequest) throws(APIError) {
        let fields = request.head.headerFields
        // RFC 9110 §15.5.12: nothing says that there is a body.
        guard !request.body.isEmpty || fields.contains(.contentLength) || fields.contains(.transferEncoding) else {
            throw APIError(
                status: 411, kind: .invalidRequest, message: "the request has neither Content-Length nor a body",
                code: "length_required")
        }
        if fields[.contentType] == nil, fields[.origin] == nil { return }
        let type = fields[.contentType] ?? ""
        let essence = type.prefix { $0 != ";" && !$0.isWhitespace }.lowercased()
        guard essence == "application/json" || essence.hasSuffix("+json") else {
            throw APIError(
                status: 415, kind: .invalidRequest,
                message: "the body's Content-Type is '\(type)', but must be 'application/json'",
                code: "unsupported_media_type")
        }
    }

    /// Runs a handler and turns what it throws into an answer.
    private func answer(_ handler: () async throws -> OutgoingResponse) async -> OutgoingResponse {
        do {
            return try await handler()
        } catch let error as APIError {
            return respond(error)
        } catch let error as ChatTemplateError {
            return respond(APIError(error))
        } catch let error as NoChatTemplate {
            return OutgoingResponse(.invalid("\(error)", parameter: "messages", code: "no_chat_template"))
        } catch is CancellationError {
            // The client has gone: nobody reads this.
            return OutgoingResponse(status: .init(code: 499, reasonPhrase: "Client Closed Request"))
        } catch {
            Self.log("\(error)")
            return OutgoingResponse(.server("an internal error; the log has more under this request's id"))
        }
    }

    /// An error answer; our own faults leave a line in the log.
    private func respond(_ error: APIError) -> OutgoingResponse {
        if error.kind == .server { Self.log(error.message) }
        return OutgoingResponse(error)
    }

    private static func log(_ message: String) {
        RequestContext.current?.logger.error("a request failed", metadata: ["error": "\(message)"])
    }
}

extension GenerationParameters {
    /// What the request says about sampling, over the defaults.
    func sampling(over defaults: SamplingParameters) -> SamplingParameters {
        SamplingParameters(
            temperature: temperature.map { Float($0) } ?? defaults.temperature, topK: topK ?? defaults.topK,
            topP: topP.map { Float($0) } ?? defaults.topP, minP: minP.map { Float($0) } ?? defaults.minP, seed: seed)
    }
}

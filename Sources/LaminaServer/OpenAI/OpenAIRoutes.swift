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

    /// Tokens of a text completion that names no number: what OpenAI documents. Chats may fill the context.
    private static let completionTokens = 16

    func add(to router: inout Router) {
        router.add(.post, "/v1/completions") { request in await answer { try await complete(request) } }
        router.add(.post, "/v1/chat/completions") { request in await answer { try await chat(request) } }
        router.add(.get, "/v1/models") { _ in
            await answer { .json(.ok, ModelList(models: [try card(try readyModel())]).json) }
        }
        router.add(.get, "/v1/models/{id}") { request in
            await answer { .json(.ok, try card(try readyModel(named: request.pathParameters["id"])).json) }
        }
    }

    private func complete(_ request: IncomingRequest) async throws -> OutgoingResponse {
        try Self.requireJSON(request)
        let completion = try CompletionRequest(body: request.body)
        let named = try readyModel(named: completion.model)
        let prompt: [TokenID]
        switch completion.prompt {
        case .text(let text): prompt = PromptEncoder(named.model.file).encode(text: text)
        case .tokens(let tokens): prompt = tokens
        }
        return try await deliver(
            completion.parameters, endpoint: .text, prompt: prompt, defaultTokens: Self.completionTokens, named)
    }

    private func chat(_ request: IncomingRequest) async throws -> OutgoingResponse {
        try Self.requireJSON(request)
        let chat = try ChatCompletionRequest(body: request.body)
        let named = try readyModel(named: chat.model)
        let prompt = try PromptEncoder(named.model.file).encode(
            chat: chat.messages.map(\.json), variables: chat.templateVariables, now: clock())
        return try await deliver(
            chat.parameters, endpoint: .chat, prompt: prompt, defaultTokens: named.model.plan.contextLength, named)
    }

    /// Submits the request, so that a refusal still has a status of its own, then streams or gathers the answer.
    private func deliver(
        _ parameters: GenerationParameters, endpoint: CompletionIdentity.Endpoint, prompt: [TokenID],
        defaultTokens: Int, _ named: ServerState.NamedModel
    ) async throws -> OutgoingResponse {
        var random = SystemRandomNumberGenerator()
        let id = "\(SpanID(using: &random))\(SpanID(using: &random))"
        let identity = CompletionIdentity(
            endpoint: endpoint, id: "\(endpoint == .chat ? "chatcmpl" : "cmpl")-\(id)",
            created: Int64(clock().seconds), model: named.id)
        let request = TextGeneration.Request(
            prompt: prompt, maximumTokens: parameters.maximumTokens ?? defaultTokens,
            sampling: parameters.sampling(over: SamplingDefaults.parameters(for: named.model.file.configuration)),
            stops: parameters.stop, ignoresEnd: parameters.ignoresEnd)
        do {
            let text = try TextGeneration(request, model: named.model, metrics: generation)
            let delivery = CompletionDelivery(identity: identity, generation: text)
            return parameters.isStreaming
                ? delivery.stream(includesUsage: parameters.includesUsage) : try await delivery.whole()
        } catch let refusal as EngineRefusal {
            engineMetrics.observe(refusal)
            throw APIError(refusal, parameter: endpoint == .chat ? "messages" : "prompt")
        }
    }

    /// The served model, if the request means it and it can answer now.
    private func readyModel(named name: String? = nil) throws(APIError) -> ServerState.NamedModel {
        switch state.phase {
        case .loading(let share):
            throw .overloaded("the model is being loaded (\(Int(share * 100)) %)", code: "model_loading")
        case .draining: throw .overloaded("the server is shutting down", code: "shutting_down")
        case .ready(let model):
            guard name == nil || name == model.id else {
                throw .modelNotFound(name ?? "", available: [model.id])
            }
            return model
        }
    }

    private func card(_ named: ServerState.NamedModel) throws -> ModelCard {
        ModelCard(
            id: named.id, created: Int64(named.createdAt), ownedBy: "lamina",
            contextLength: named.model.plan.contextLength)
    }

    /// A body is JSON, or of no stated type; everything else is 415, curl's default of a form included.
    private static func requireJSON(_ request: IncomingRequest) throws(APIError) {
        guard let type = request.head.headerFields[.contentType] else { return }
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
            return OutgoingResponse(error)
        } catch let error as ChatTemplateError {
            return OutgoingResponse(APIError(error))
        } catch let error as NoChatTemplate {
            return OutgoingResponse(.invalid("\(error)", parameter: "messages", code: "no_chat_template"))
        } catch is CancellationError {
            // The client has gone: nobody reads this.
            return OutgoingResponse(.server("the request was cancelled"))
        } catch {
            RequestContext.current?.logger.error("a request failed", metadata: ["error": "\(error)"])
            return OutgoingResponse(.server("an internal error; the log has more under this request's id"))
        }
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

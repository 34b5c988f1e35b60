/// Names of attributes: those of OpenTelemetry's semantic conventions for HTTP, generative AI and resources, and our own.
enum SemanticAttribute {
    static let clientAddress = "client.address"
    static let httpRequestBodySize = "http.request.body.size"
    static let httpRequestMethod = "http.request.method"
    static let httpRequestMethodOriginal = "http.request.method_original"
    static let httpResponseBodySize = "http.response.body.size"
    static let httpResponseStatusCode = "http.response.status_code"
    static let httpRoute = "http.route"
    static let networkPeerAddress = "network.peer.address"
    static let networkPeerPort = "network.peer.port"
    static let serverAddress = "server.address"
    static let serverPort = "server.port"
    static let urlPath = "url.path"
    static let urlScheme = "url.scheme"
    static let userAgentOriginal = "user_agent.original"

    static let operationName = "gen_ai.operation.name"
    static let outputType = "gen_ai.output.type"
    static let providerName = "gen_ai.provider.name"
    static let requestMaximumTokens = "gen_ai.request.max_tokens"
    static let requestModel = "gen_ai.request.model"
    static let requestSeed = "gen_ai.request.seed"
    static let requestStopSequences = "gen_ai.request.stop_sequences"
    static let requestStream = "gen_ai.request.stream"
    static let requestTemperature = "gen_ai.request.temperature"
    static let requestTopK = "gen_ai.request.top_k"
    static let requestTopP = "gen_ai.request.top_p"
    static let responseFinishReasons = "gen_ai.response.finish_reasons"
    static let responseID = "gen_ai.response.id"
    static let responseModel = "gen_ai.response.model"
    static let responseTimeToFirstChunk = "gen_ai.response.time_to_first_chunk"
    static let usageCachedTokens = "gen_ai.usage.cache_read.input_tokens"
    static let usageInputTokens = "gen_ai.usage.input_tokens"
    static let usageOutputTokens = "gen_ai.usage.output_tokens"

    static let processID = "process.pid"
    static let sdkLanguage = "telemetry.sdk.language"
    static let sdkName = "telemetry.sdk.name"
    static let sdkVersion = "telemetry.sdk.version"
    static let serviceInstanceID = "service.instance.id"
    static let serviceName = "service.name"
    static let serviceVersion = "service.version"

    /// What the API key is called.
    static let apiKey = "lamina.api_key"
    /// Who the client proved to be.
    static let clientIdentity = "lamina.client_identity"
    /// `X-Request-Id`.
    static let requestID = "lamina.request_id"
    /// How the writing of an answer ended, where it broke off.
    static let outcome = "lamina.outcome"
}

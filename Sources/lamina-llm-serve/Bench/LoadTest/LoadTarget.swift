import HTTPTypes
import LaminaHTTP
import LaminaJSON

/// The server that is tested, and how it is asked.
struct LoadTarget: Sendable {
    let origin: HTTPOrigin
    let form: PromptForm
    let model: String
    let temperature: Double
    private let basePath: String
    private let headers: HTTPFields
    private let client: HTTPClient

    /// Asks the server for its model unless one is named, which also tells whether it can be reached.
    ///
    /// - Parameters:
    ///   - url: up to the path before `/v1`.
    ///   - client: closed by `close`.
    ///   - authorization: fields that show a key.
    /// - Throws: `HTTPClientError`, `LoadTargetError`.
    init(
        url: String, client: HTTPClient, authorization: HTTPFields, model: String?, form: PromptForm,
        temperature: Double
    ) async throws {
        let parsed = try HTTPURL(url)
        guard !parsed.path.contains("?") else { throw HTTPClientError.malformedURL(url) }
        origin = parsed.origin
        var path = parsed.path[...]
        while path.hasSuffix("/") { path.removeLast() }
        if path.hasSuffix("/v1") { path.removeLast(3) }
        basePath = String(path)
        self.form = form
        self.temperature = temperature
        var headers: HTTPFields = [.contentType: "application/json", .accept: "text/event-stream, application/json"]
        headers.append(contentsOf: authorization)
        self.headers = headers
        self.client = client
        let served = try await Self.models(client, HTTPURL(origin: origin, path: basePath + "/v1/models"), headers)
        guard let chosen = model ?? served.first else { throw LoadTargetError.noModel(url: url) }
        self.model = chosen
    }

    /// Sends a turn and measures its answer. Never throws: what goes wrong is part of the sample.
    func run(_ turn: Conversation.Turn) async -> RequestSample {
        do {
            return try await stream(Self.prompt(turn.parts, form), outputTokens: turn.outputTokens)
        } catch {
            var sample = RequestSample()
            sample.failure = error
            return sample
        }
    }

    /// Tokens the server counts in a prompt of random words.
    ///
    /// - Throws: `LoadTargetError`.
    func promptTokens(ofWords text: String) async throws(LoadTargetError) -> Int {
        do {
            let sample = try await stream(Self.prompt([(.user, .words(text))], form), outputTokens: 1)
            guard sample.promptTokens > 0 else { throw LoadTargetError.noUsage(origin) }
            return sample.promptTokens
        } catch let failure as LoadFailure {
            throw .warmUpFailed(origin, failure)
        } catch {
            throw .noUsage(origin)
        }
    }

    /// Closes the connections.
    func close() { client.close() }
}

extension LoadTarget {
    private func stream(_ prompt: (key: String, value: JSONValue), outputTokens: Int) async throws(LoadFailure)
        -> RequestSample
    {
        let startedAt = ContinuousClock.now
        var body: JSONObject = ["model": .string(model)]
        body[prompt.key] = prompt.value
        body["max_tokens"] = .integer(Int64(outputTokens))
        body["temperature"] = .number(temperature)
        body["ignore_eos"] = true
        body["stream"] = true
        body["stream_options"] = ["include_usage": true]
        do {
            // Asking again is harmless: a generation leaves nothing behind.
            let request = ClientRequest(
                .post, try HTTPURL(origin: origin, path: basePath + form.path), headers: headers,
                body: JSONWriter.bytes(of: .object(body)), isRepeatable: true)
            return try await client.withResponse(to: request) { response in
                try await Self.read(response, startedAt: startedAt)
            }
        } catch let failure as LoadFailure {
            throw failure
        } catch let error as HTTPClientError {
            throw .http(error)
        } catch {
            throw .malformedStream("\(error)")
        }
    }

    private static func read(_ response: ClientResponse, startedAt: ContinuousClock.Instant) async throws
        -> RequestSample
    {
        guard response.status == .ok else {
            throw LoadFailure.status(
                code: response.status.code, message: CompletionStreamReader.message(of: try await response.collect()))
        }
        let type = response.head.fields[.contentType] ?? "nothing"
        guard type.lowercased().hasPrefix("text/event-stream") else {
            throw LoadFailure.malformedStream("the answer is \(type), not text/event-stream")
        }
        var events = EventStreamParser()
        var reader = CompletionStreamReader(startedAt: startedAt)
        while let piece = try await response.next() {
            let now = ContinuousClock.now
            for event in try events.feed(piece) { try reader.take(event, at: now) }
        }
        return try reader.finish(at: .now)
    }

    private static func prompt(
        _ parts: [(role: Conversation.Role, part: PromptPart)], _ form: PromptForm
    ) -> (key: String, value: JSONValue) {
        switch form {
        case .chat:
            let messages = parts.map { entry -> JSONValue in
                guard case .words(let text) = entry.part else { return .null }
                return ["role": .string(entry.role.rawValue), "content": .string(text)]
            }
            return ("messages", .array(messages))
        case .completions, .promptIds:
            var words: [String] = []
            var tokens: [JSONValue] = []
            for entry in parts {
                switch entry.part {
                case .words(let text): words.append(text)
                case .tokens(let ids): tokens += ids.map { .integer(Int64($0)) }
                }
            }
            return ("prompt", form == .promptIds ? .array(tokens) : .string(words.joined(separator: "\n")))
        }
    }

    private static func models(_ client: HTTPClient, _ url: HTTPURL, _ headers: HTTPFields) async throws -> [String] {
        let (head, body) = try await client.send(ClientRequest(.get, url, headers: headers))
        guard head.status == .ok else {
            throw LoadTargetError.refused(
                url: "\(url)", status: head.status.code, message: CompletionStreamReader.message(of: body))
        }
        let list = (try? JSONValue(parsing: body))?["data"]?.arrayValue ?? []
        return list.compactMap { $0["id"]?.stringValue }
    }
}

/// Why a server cannot be tested.
enum LoadTargetError: Error, CustomStringConvertible {
    /// The list of models is refused.
    case refused(url: String, status: Int, message: String)
    /// The list of models is empty.
    case noModel(url: String)
    /// The server does not count the tokens of a prompt.
    case noUsage(HTTPOrigin)
    /// The first request failed.
    case warmUpFailed(HTTPOrigin, LoadFailure)

    var description: String {
        switch self {
        case .refused(let url, let status, let message):
            "\(url) answered with status \(status): \(message); check --url, and --api-key-file if it needs a key"
        case .noModel(let url): "\(url) names no model; name one with --model-name"
        case .noUsage(let origin):
            "\(origin) does not tell how many tokens a prompt has, so words cannot be measured out; use --prompt-ids"
        case .warmUpFailed(let origin, let failure):
            "the first request to \(origin) failed: \(failure.message)"
        }
    }
}

package import LaminaJSON

/// What both kinds of completion say about sampling and delivery. What is nil is left to the model's own defaults.
package struct GenerationParameters: Sendable, Equatable {
    /// The most tokens to generate.
    package var maximumTokens: Int?
    /// 0 (greedy) to 2.
    package var temperature: Double?
    /// Above 0, to 1.
    package var topP: Double?
    /// Candidates per token; nil and 0 (also written -1) mean all.
    package var topK: Int?
    /// 0 to 1, relative to the likeliest token.
    package var minP: Double?
    /// Makes sampling repeatable.
    package var seed: UInt64?
    /// Texts at which the answer ends; none is empty.
    package var stop: [String] = []
    /// Whether the answer goes on past the model's own end, to its number of tokens; for load tests.
    package var ignoresEnd = false
    /// Lower values come first; 0 where nothing is said.
    package var priority = 0
    /// The end user the request is for.
    package var user: String?
    /// Separates cached beginnings: only requests with the same salt share theirs.
    package var cacheSalt: String?
    /// Whether the answer comes as events while it is generated.
    package var isStreaming = false
    /// Whether the stream ends with a chunk of usage numbers.
    package var includesUsage = false

    /// - Throws: `APIError` 400 that names the field.
    package init(_ fields: JSONFieldReader) throws(APIError) {
        do throws(JSONFieldError) {
            let limit = try fields.optionalInteger("max_completion_tokens", in: 1...OpenAILimits.maximumTokens)
            let olderLimit = try fields.optionalInteger("max_tokens", in: 1...OpenAILimits.maximumTokens)
            maximumTokens = (limit ?? olderLimit).map { Int($0) }
            temperature = try fields.optionalNumber("temperature", in: 0...2)
            topP = try fields.optionalNumber("top_p", in: 0...1)
            if topP == 0 {
                throw JSONFieldError(path: "top_p", expected: "a number above 0, up to 1", found: "0")
            }
            topK = try fields.optionalInteger("top_k", in: -1...Int64(Int32.max)).map { Int(max($0, 0)) }
            minP = try fields.optionalNumber("min_p", in: 0...1)
            seed = try fields.optionalInteger("seed").map { UInt64(bitPattern: $0) }
            stop = try Self.stopStrings(fields)
            ignoresEnd = try fields.optionalBool("ignore_eos") ?? false
            priority = try fields.optionalInteger("priority", in: -32...31).map { Int($0) } ?? 0
            user = try Self.name(fields, "user").flatMap { $0.isEmpty ? nil : $0 }
            cacheSalt = try Self.name(fields, "cache_salt")
            if cacheSalt?.isEmpty == true {
                throw JSONFieldError(path: "cache_salt", expected: "a text of at least one byte", found: "an empty one")
            }
            isStreaming = try fields.optionalBool("stream") ?? false
            includesUsage = try fields.optionalObject("stream_options")?.optionalBool("include_usage") ?? false
        } catch {
            throw APIError(error)
        }
        if fields.optionalValue("stream_options") != nil, !isStreaming {
            throw .invalid("'stream_options' needs 'stream' to be true", parameter: "stream_options")
        }
        try UnsupportedParameters.refuse(in: fields)
    }

    private static func name(_ fields: JSONFieldReader, _ field: String) throws(JSONFieldError) -> String? {
        let text = try fields.optionalString(field)
        guard let text, text.utf8.count > OpenAILimits.nameBytes else { return text }
        throw JSONFieldError(
            path: field, expected: "at most \(OpenAILimits.nameBytes) bytes", found: "\(text.utf8.count)")
    }

    private static func stopStrings(_ fields: JSONFieldReader) throws(JSONFieldError) -> [String] {
        let strings: [String]
        switch fields.optionalValue("stop") {
        case nil: return []
        case .string(let text)?: strings = [text]
        case .array?:
            var elements: [String] = []
            for element in try fields.array("stop") { elements.append(try element.string()) }
            strings = elements
        case let other?: throw fields.error("stop", expected: "a string or an array of strings", found: other)
        }
        guard strings.count <= OpenAILimits.stopStrings else {
            throw JSONFieldError(
                path: "stop", expected: "at most \(OpenAILimits.stopStrings) strings", found: "\(strings.count)")
        }
        for string in strings where string.isEmpty || string.utf8.count > OpenAILimits.stopStringBytes {
            throw JSONFieldError(
                path: "stop", expected: "strings of 1 to \(OpenAILimits.stopStringBytes) bytes",
                found: "one of \(string.utf8.count)")
        }
        return strings
    }
}

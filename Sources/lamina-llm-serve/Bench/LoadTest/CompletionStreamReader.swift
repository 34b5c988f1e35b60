import LaminaHTTP
import LaminaJSON

/// Reads the events of a streamed completion and notes when its text came.
struct CompletionStreamReader {
    private let startedAt: ContinuousClock.Instant
    private var lastTextAt: ContinuousClock.Instant?
    private var pieces = 0
    private var isFinished = false
    private var hasUsage = false
    private(set) var sample = RequestSample()

    /// Bytes of an error message that are kept.
    private static let messageBytes = 500

    init(startedAt: ContinuousClock.Instant) { self.startedAt = startedAt }

    /// An event that arrived at `now`.
    mutating func take(_ event: ServerSentEvent, at now: ContinuousClock.Instant) throws(LoadFailure) {
        if event.data.elementsEqual("[DONE]".utf8) {
            isFinished = true
            return
        }
        let value: JSONValue
        do { value = try JSONValue(parsing: event.data) } catch {
            throw .malformedStream("an event is not JSON: \(error)")
        }
        if let error = value["error"], !error.isNull { throw .errorEvent(Self.message(of: value)) }
        if let choice = value["choices"]?.arrayValue?.first { take(choice, at: now) }
        if let usage = value["usage"], let output = Self.tokens(usage["completion_tokens"]) {
            hasUsage = true
            sample.outputTokens = output
            sample.promptTokens = Self.tokens(usage["prompt_tokens"]) ?? 0
            sample.cachedTokens = Self.tokens(usage["prompt_tokens_details"]?["cached_tokens"]) ?? 0
        }
    }

    /// A server's count of tokens; none where it cannot be one, so that sums stay numbers.
    private static func tokens(_ value: JSONValue?) -> Int? {
        value?.integerValue.flatMap { (0...Int64(UInt32.max)).contains($0) ? Int($0) : nil }
    }

    /// The stream ended at `now`.
    mutating func finish(at now: ContinuousClock.Instant) throws(LoadFailure) -> RequestSample {
        guard isFinished else { throw .incompleteStream }
        sample.duration = startedAt.duration(to: now)
        if !hasUsage { sample.outputTokens = pieces }
        return sample
    }

    private mutating func take(_ choice: JSONValue, at now: ContinuousClock.Instant) {
        if let reason = choice["finish_reason"], !reason.isNull { isFinished = true }
        let delta = choice["delta"]
        // Reasoning models send their thoughts apart, under one of two names.
        let texts = [choice["text"], delta?["content"], delta?["reasoning_content"], delta?["reasoning"]]
        let text = texts.compactMap { $0?.stringValue }.joined()
        guard !text.isEmpty else { return }
        sample.text += text
        pieces += 1
        if let lastTextAt {
            sample.interTokenGaps.append(lastTextAt.duration(to: now))
        } else {
            sample.timeToFirstToken = startedAt.duration(to: now)
        }
        lastTextAt = now
    }

    /// The message of an error body; its text where it has none.
    static func message(of body: [UInt8]) -> String {
        guard let value = try? JSONValue(parsing: body) else {
            return String(decoding: body.prefix(messageBytes), as: UTF8.self)
        }
        return message(of: value)
    }

    private static func message(of value: JSONValue) -> String {
        let text =
            value["error"]?["message"]?.stringValue ?? value["error"]?.stringValue ?? value["message"]?.stringValue
        return String((text ?? JSONWriter.text(of: value)).prefix(messageBytes))
    }
}

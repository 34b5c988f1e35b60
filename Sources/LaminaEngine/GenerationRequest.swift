package import LaminaModel

/// One sequence to generate.
package struct GenerationRequest: Sendable {
    /// The prompt; at least one token.
    package var prompt: [TokenID]
    /// Most tokens to generate; at least 1.
    package var maximumTokens: Int
    /// How tokens are chosen.
    package var sampling: SamplingParameters
    /// Tokens that end the text; not part of it.
    package var stopTokens: Set<TokenID>
    /// Whose it is, and how urgent.
    package var terms: RequestTerms

    /// An ordinary request without stop tokens unless they are given.
    package init(
        prompt: [TokenID], maximumTokens: Int, sampling: SamplingParameters, stopTokens: Set<TokenID> = [],
        terms: RequestTerms = RequestTerms()
    ) {
        self.terms = terms
        self.prompt = prompt
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopTokens = stopTokens
    }
}

/// Why a sequence ended.
package enum FinishReason: String, Sendable, CaseIterable {
    /// It generated a stop token, or its caller found a stop string.
    case stop
    /// It reached its number of tokens or the end of the context.
    case length
    /// Its caller cancelled it, or went away.
    case cancelled
    /// Its deadline passed before it ended.
    case deadline
    /// The engine stopped before it ended.
    case shutdown
    /// The model computed no usable probabilities: its weights are damaged, or overflow.
    case failed
}

/// What a sequence's caller is told.
package enum TokenEvent: Sendable, Equatable {
    /// The request has its place in the batch since then; so many tokens of its prompt were in the cache already.
    case admitted(cachedTokens: Int, at: ContinuousClock.Instant)
    /// The next token, and when it was computed.
    case token(TokenID, at: ContinuousClock.Instant)
    /// The last event.
    case finished(FinishReason)
}

/// Why a request was not taken. Nothing was computed for it.
package enum EngineRefusal: Error, Equatable, CustomStringConvertible {
    /// The prompt is empty.
    case emptyPrompt
    /// The prompt leaves no room for an answer.
    case promptTooLong(promptTokens: Int, contextLength: Int)
    /// A token is not in the vocabulary.
    case unknownToken(TokenID, vocabularySize: Int)
    /// As many requests run and wait as may.
    case queueFull(limit: Int)
    /// As many requests of one tenant wait as may.
    case tenantQueueFull(limit: Int)
    /// The deadline had passed before the request came.
    case deadlinePassed
    /// The engine is stopping.
    case stopping

    package var description: String {
        switch self {
        case .emptyPrompt: "the prompt has no tokens"
        case .promptTooLong(let promptTokens, let contextLength):
            "the prompt has \(promptTokens) tokens, but this model's context is \(contextLength) tokens, "
                + "of which one at least must be left for the answer"
        case .unknownToken(let token, let vocabularySize):
            "token \(token) is not in the vocabulary (0 to \(vocabularySize - 1))"
        case .queueFull(let limit): "the queue is full: \(limit) requests are running or waiting; try again later"
        case .tenantQueueFull(let limit):
            "\(limit) requests of this tenant are waiting, as many as may; try again when some of them have ended"
        case .deadlinePassed: "the request's deadline had passed before it reached the queue"
        case .stopping: "the server is shutting down"
        }
    }
}

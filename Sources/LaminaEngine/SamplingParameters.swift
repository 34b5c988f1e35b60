/// How the next token is chosen from the logits.
package struct SamplingParameters: Sendable, Equatable {
    /// Divisor of the logits; 0 always takes the most likely token.
    package var temperature: Float
    /// Tokens kept, the most likely first; 0 keeps all.
    package var topK: Int
    /// Probability mass kept, the most likely first; 1 keeps all (Holtzman et al. 2020).
    package var topP: Float
    /// Tokens less likely than this share of the most likely one are dropped; 0 keeps all (Nguyen et al. 2024).
    package var minP: Float
    /// Start of the random numbers: the same seed gives the same tokens, whatever else the server computes. Nil draws one.
    package var seed: UInt64?

    /// Draws from all tokens unless told otherwise.
    package init(
        temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0, seed: UInt64? = nil
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.seed = seed
    }

    /// Always the most likely token.
    package static let greedy = SamplingParameters(temperature: 0)
}

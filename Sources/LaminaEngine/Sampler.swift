import LaminaKernels
package import LaminaModel

/// Chooses tokens: temperature, then top-k, then min-p, then top-p over what is left, then one random number.
package struct Sampler: Sendable {
    private let parameters: SamplingParameters
    private var random: SplitMix64

    /// - Parameter seed: starts the random numbers where the parameters have no seed of their own.
    package init(_ parameters: SamplingParameters, seed: UInt64) {
        self.parameters = parameters
        random = SplitMix64(seed: parameters.seed ?? seed)
    }

    /// The next token for `logits` [vocabulary], which are overwritten; nil where the logits are no numbers and there is nothing
    /// to choose.
    package mutating func sample(_ logits: inout MutableSpan<Float>) -> TokenID? {
        let best = TokenWeights.largest(logits.span)
        guard best.logit.isFinite else { return nil }
        guard parameters.temperature > 0, parameters.topK != 1 else { return TokenID(best.token) }
        TokenWeights.exponentiate(&logits, largest: best.logit, temperature: parameters.temperature)
        if (1..<logits.count).contains(parameters.topK) { TokenWeights.keepLargest(parameters.topK, of: &logits) }
        if parameters.minP > 0 { TokenWeights.keep(atLeast: parameters.minP, of: &logits) }
        if parameters.topP < 1 { TokenWeights.keepMass(Double(parameters.topP), of: &logits) }
        return TokenID(TokenWeights.draw(random.nextUnit(), from: logits.span) ?? best.token)
    }
}

package import LaminaEngine
package import LaminaModel

/// What a request gets that says nothing about sampling: the model's recommendation, else the API's defaults.
package enum SamplingDefaults {
    /// Temperature 1 over all tokens, as OpenAI documents it, where the model recommends nothing else.
    package static func parameters(for configuration: ModelConfiguration) -> SamplingParameters {
        let recommended = configuration.recommendedSampling
        return SamplingParameters(
            temperature: usable(recommended.temperature, in: 0...2) ?? 1,
            topK: recommended.topK.flatMap { $0 >= 0 ? $0 : nil } ?? 0,
            topP: usable(recommended.topP, in: 0.001...1) ?? 1, minP: usable(recommended.minP, in: 0...1) ?? 0)
    }

    /// A model file may say anything; what makes no sense is not followed.
    private static func usable(_ value: Float?, in range: ClosedRange<Float>) -> Float? {
        value.flatMap { range.contains($0) ? $0 : nil }
    }
}

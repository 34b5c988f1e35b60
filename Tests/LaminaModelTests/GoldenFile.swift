import Foundation
import LaminaModel

/// The reference answers in models/golden.json: greedy tokens and log-probabilities of the embedded models in float32.
struct GoldenFile: Decodable {
    struct Generation: Decodable {
        let prompt: String
        let prompt_ids: [TokenID]
        let ids: [TokenID]
        let top5: [[[Double]]]
    }

    struct Text: Decodable {
        let text: String
        let ids: [TokenID]
    }

    let greedy: [String: [Generation]]
    let tokenizer: [Text]

    static func load() throws -> GoldenFile {
        try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: URL(filePath: ModelFiles.path("golden.json"))))
    }

    static func path(of kind: String) -> String { ModelFiles.path("lamina-tiny-\(kind).gguf") }
}

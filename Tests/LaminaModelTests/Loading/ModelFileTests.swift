import Foundation
import Testing

@testable import LaminaModel

struct ModelFileTests {
    @Test(arguments: ["f16", "q8_0", "q4_0"])
    func `Reads the embedded models' dimensions, vocabulary and template`(kind: String) throws {
        let file = try ModelFile(path: GoldenFile.path(of: kind))
        let c = file.configuration
        #expect(c.name == "Lamina Tiny" && c.architecture == "llama")
        #expect(c.layerCount == 4 && c.embeddingLength == 256 && c.feedForwardLength == 768)
        #expect(c.headCount == 4 && c.kvHeadCount == 2 && c.headDimension == 64 && c.vocabularySize == 2048)
        #expect(c.contextLength == 1024 && c.ropeBase == 10_000 && c.recommendedSampling.temperature == 0)
        #expect(file.tokenizer.endOfGeneration == [0, 2])
        #expect(!file.tokenizer.addsBeginningOfSequence)
        #expect(file.chatTemplate != nil)
    }

    @Test func `Tokenizes the golden texts from the file's own vocabulary`() throws {
        let tokenizer = try ModelFile(path: GoldenFile.path(of: "q8_0")).tokenizer
        for golden in try GoldenFile.load().tokenizer {
            #expect(tokenizer.encode(golden.text) == golden.ids, "\(golden.text.debugDescription)")
        }
    }
}

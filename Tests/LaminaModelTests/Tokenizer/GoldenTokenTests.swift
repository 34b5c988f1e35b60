import Foundation
import Testing

@testable import LaminaModel

/// The committed model's tokenizer against the token ids that were recorded when it was trained.
struct GoldenTokenTests {
    private struct Golden: Decodable {
        struct Text: Decodable {
            let text: String
            let ids: [TokenID]
        }
        struct Chat: Decodable {
            let rendered: String
            let ids: [TokenID]
        }
        let tokenizer: [Text]
        let chat_template: [Chat]
        let stop_ids: Set<TokenID>
    }

    private let golden: Golden
    private let tokenizer: Tokenizer

    init() throws {
        golden = try JSONDecoder().decode(Golden.self, from: TokenizerFixtures.repositoryFile("models/golden.json"))
        tokenizer = try Tokenizer(TokenizerFixtures.committedModel())
    }

    @Test func `Encodes every recorded text to the recorded tokens`() {
        #expect(golden.tokenizer.count == 38)
        for text in golden.tokenizer {
            #expect(tokenizer.encode(text.text) == text.ids, "\(text.text.debugDescription)")
        }
    }

    @Test func `Decodes the recorded tokens to the recorded texts`() {
        for text in golden.tokenizer {
            #expect(Array(tokenizer.decode(text.ids, includingSpecialTokens: true).utf8) == Array(text.text.utf8))
        }
    }

    @Test func `Encodes every recorded chat to the recorded tokens`() {
        #expect(!golden.chat_template.isEmpty)
        for chat in golden.chat_template { #expect(tokenizer.encode(chat.rendered) == chat.ids) }
    }

    @Test func `Knows the tokens that end an answer by their texts`() {
        #expect(tokenizer.endOfGeneration == golden.stop_ids)
    }

    @Test func `Gives every random text back`() {
        var random = SeededGenerator(state: 1)
        for _ in 0..<500 {
            let text = random.text(upTo: 60)
            let tokens = tokenizer.encode(text, parsing: .nowhere)
            #expect(Array(tokenizer.decode(tokens).utf8) == Array(text.utf8), "\(text.debugDescription)")
        }
    }
}

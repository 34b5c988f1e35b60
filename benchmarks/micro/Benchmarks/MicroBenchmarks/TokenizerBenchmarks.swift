import Benchmark
import LaminaModel

/// About 4 KB of English with punctuation and digits.
private let text = String(
    repeating: """
        The harbour was quiet at 5:40 in the morning, and nobody (not even the gulls) had noticed the small boat. \
        "Two hundred and 17 miles," she said, "is further than it sounds." They went on without speaking.

        """, count: 20)

/// The embedded model's byte-level BPE: a text in, its tokens out, and back.
func registerTokenizer() {
    let tokenizer: @Sendable () throws -> Tokenizer = {
        try ModelFile(path: "models/lamina-tiny-q8_0.gguf").tokenizer
    }
    Benchmark("tokenizer encode \(text.utf8.count) bytes") { _, tokenizer in
        blackHole(tokenizer.encode(text))
    } setup: {
        try tokenizer()
    }
    Benchmark("tokenizer decode \(text.utf8.count) bytes") { _, state in
        blackHole(state.tokenizer.decode(state.tokens))
    } setup: {
        let tokenizer = try tokenizer()
        return (tokenizer: tokenizer, tokens: tokenizer.encode(text))
    }
}

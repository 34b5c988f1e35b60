import LaminaJSON

/// A piece of a prompt: words, or token ids.
enum PromptPart: Sendable, Equatable {
    case words(String)
    case tokens([Int])
}

/// Makes prompts of random content in which no two share a beginning.
struct PromptSource: Sendable {
    /// How many tokens a server makes of words: found by asking it.
    struct WordCost: Sendable, Equatable {
        /// Tokens of a prompt without words: what the chat template adds.
        var fixed: Double
        /// Tokens of one word.
        var perWord: Double

        /// The line through two measurements (words, tokens).
        init(_ first: (words: Int, tokens: Int), _ second: (words: Int, tokens: Int)) {
            let slope = Double(second.tokens - first.tokens) / Double(max(1, second.words - first.words))
            perWord = max(slope, 0.1)
            fixed = max(0, Double(first.tokens) - perWord * Double(first.words))
        }
    }

    /// What prompts are made of.
    enum Material: Sendable {
        case words(WordCost)
        case tokens(ClosedRange<Int>)
    }

    let material: Material

    /// Short and frequent, so that most vocabularies have each as one token.
    private static let words = [
        "time", "year", "people", "way", "day", "man", "thing", "woman", "life", "child", "world", "school", "state",
        "family", "student", "group", "country", "problem", "hand", "part", "place", "case", "week", "company",
        "system", "program", "question", "work", "government", "number", "night", "point", "home", "water", "room",
        "mother", "area", "money", "story", "fact", "month", "lot", "right", "study", "book", "eye", "job", "word",
    ]

    /// A text that holds every word so many times, and how many words that are: what it costs is the mean of the words.
    static func sample(repetitions: Int) -> (text: String, words: Int) {
        let all = (0..<repetitions).flatMap { _ in words }
        return (all.joined(separator: " "), all.count)
    }

    /// A part of about `tokens` tokens, exactly as many where it is made of ids.
    ///
    /// - Parameter isWhole: whether it is the whole prompt, of which the template's own tokens are a part.
    func part(tokens: Int, isWhole: Bool, _ random: inout some RandomNumberGenerator) -> PromptPart {
        switch material {
        case .tokens(let ids): .tokens((0..<tokens).map { _ in Int.random(in: ids, using: &random) })
        case .words(let cost):
            .words(
                Self.text(
                    words: Int(((Double(tokens) - (isWhole ? cost.fixed : 0)) / cost.perWord).rounded()), &random))
        }
    }

    /// So many words, at least one.
    private static func text(words count: Int, _ random: inout some RandomNumberGenerator) -> String {
        (0..<max(1, count)).map { _ in words[Int.random(in: 0..<words.count, using: &random)] }.joined(separator: " ")
    }
}

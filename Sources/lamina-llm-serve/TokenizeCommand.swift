import ArgumentParser
import LaminaJSON
import LaminaModel

/// `tokenize`: the tokens of texts, for checking a vocabulary against other implementations.
struct TokenizeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenize", abstract: "Print the tokens of a text.",
        discussion: """
            With --json-lines it reads one JSON string per line from standard input and writes one JSON array of token ids \
            per line. The file needs a vocabulary, but no weights.
            """)

    @Option(help: ArgumentHelp("GGUF file with the vocabulary.", valueName: "path")) var model: String

    @Flag(help: "Read JSON strings from standard input, one per line.") var jsonLines = false

    @Flag(help: "Treat control tokens written in the text as plain text.") var noSpecial = false

    @Flag(help: "Add the tokens the model wants before and after its input.") var addBos = false

    @Argument(help: "The text.") var text: String?

    func validate() throws {
        if jsonLines == (text != nil) { throw ValidationError("Give a text or --json-lines.") }
    }

    func run() throws {
        let tokenizer = try Tokenizer(TokenizerVocabulary(GGUFFile(path: model)))
        if let text {
            for token in encode(text, tokenizer) {
                try Terminal.write("\(token)\t\(tokenizer.text(of: token).debugDescription)\n")
            }
        }
        guard jsonLines else { return }
        while let line = readLine() {
            guard case .string(let text) = try JSONValue(parsing: line) else {
                throw ValidationError("Each line must be a JSON string, not: \(line.prefix(80))")
            }
            let tokens = encode(text, tokenizer).map { JSONValue.integer(Int64($0)) }
            try Terminal.write(JSONWriter.text(of: .array(tokens)) + "\n")
        }
    }

    private func encode(_ text: String, _ tokenizer: Tokenizer) -> [TokenID] {
        tokenizer.encode(text, parsing: noSpecial ? .nowhere : .everywhere, addingBeginningAndEnd: addBos)
    }
}

import ArgumentParser
import FoundationEssentials
import LaminaJSON
import LaminaModel
import LaminaTelemetry

/// `template`: what a chat template makes of conversations, for checking it against other implementations.
struct TemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Render conversations with a chat template.",
        discussion: """
            With --json-lines it reads one JSON object per line from standard input ("messages", and if wanted "tools", \
            "add_generation_prompt", "bos_token", "eos_token" and variables of the template) and writes one JSON string per \
            line: the prompt, or an object with "error".
            """)

    @Option(help: ArgumentHelp("Jinja template. Default: that of --model.", valueName: "path")) var template: String?

    @Option(help: ArgumentHelp("GGUF file whose template is used.", valueName: "path")) var model: String?

    @Flag(help: "Read JSON objects from standard input, one per line (required).") var jsonLines = false

    func validate() throws {
        guard (template == nil) != (model == nil) else { throw ValidationError("Give --template or --model.") }
        guard jsonLines else { throw ValidationError("Give --json-lines and the conversations on standard input.") }
    }

    func run() throws {
        let template = try ChatTemplate(source: source())
        let now = CalendarTime(secondsSince1970: Int64(UnixTime.now().seconds))
        while let line = readLine() {
            let answer = template.answer(toLine: Array(line.utf8), now: now)
            try Terminal.write(JSONWriter.text(of: answer) + "\n")
        }
    }

    private func source() throws -> String {
        if let template {
            guard let text = try? String(contentsOfFile: template, encoding: .utf8) else {
                throw ValidationError("\(template) cannot be read as a UTF-8 text file.")
            }
            return text
        }
        let path = model ?? ""
        guard let source = try GGUFFile(path: path).metadata.string("tokenizer.chat_template") else {
            throw ModelError.missingMetadata(path: path, key: "tokenizer.chat_template")
        }
        return source
    }
}

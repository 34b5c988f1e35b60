import ArgumentParser
import LaminaModel

/// `show`: what is in a model file.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the metadata and tensors of a GGUF file.")

    @Argument(help: "The file.") var file: String

    @Flag(help: "Print JSON instead of tables.") var json = false

    func run() throws {
        let report = GGUFReport(try GGUFFile(path: file))
        try Terminal.write(json ? report.json : report.text)
    }
}

import ArgumentParser
import LaminaModel

/// `show`: what is in a model file, and what serving it takes.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the metadata and tensors of a GGUF file, or plan what serving it takes.",
        discussion: """
            With --plan the file's header is enough, so that a model can be planned for before it is downloaded:

              curl --range 0-33554431 --output header.gguf URL
              lamina-llm-serve show header.gguf --plan --context 8192,32768 --replicas 1,2 --threads 16 --bandwidth 150
            """)

    @Argument(help: "The file.") var file: String

    @Flag(help: "Print JSON instead of tables.") var json = false

    @OptionGroup(title: "Planning") var planning: PlanOptions

    func run() throws {
        if planning.plan {
            let report = try CapacityReport(GGUFHeader(path: file), options: planning)
            try Terminal.write(json ? report.json : report.text)
        } else {
            let report = GGUFReport(try GGUFFile(path: file))
            try Terminal.write(json ? report.json : report.text)
        }
    }
}

import ArgumentParser

/// `bench`: measures the forward pass of models (the default), or a server under load.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure a model's tokens per second (the default), or a server under load.",
        discussion: """
              lamina-llm-serve bench -p 512 -n 128 --model llama-3.2-1b-q4_0.gguf
              lamina-llm-serve bench serve --url http://127.0.0.1:8080 --concurrency 8

            'bench model --help' and 'bench serve --help' explain the options.
            """,
        subcommands: [BenchModelCommand.self, BenchServeCommand.self], defaultSubcommand: BenchModelCommand.self)
}

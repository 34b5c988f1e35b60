import ArgumentParser
import LaminaEngine
import LaminaModel
import Logging

/// `bench model`: tokens per second of the forward pass.
struct BenchModelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Measure tokens per second of prompts (pp) and of generation (tg).",
        discussion: """
            Prints the memory's read bandwidth, measured in the same run with the same threads, and which share of it generation \
            reaches: every token reads all weights, and the keys and values of the tokens before it. A model that fits the \
            processor's caches may reach more than 100 %.
            """)

    @Option(
        name: .long,
        help: ArgumentHelp(
            "GGUF file of a model; may be given several times (environment: LAMINA_MODEL). Default: the embedded demonstration model.",
            valueName: "path"))
    var model: [String] = []

    @OptionGroup var load: LoadingOptions

    @Option(
        name: [.customShort("p"), .long],
        help: ArgumentHelp("Tokens of the prompt, such as 512 or 128,512.", valueName: "tokens"))
    var prompt = TokenList([512])

    @Option(
        name: [.customShort("n"), .long],
        help: ArgumentHelp("Tokens generated, such as 128 or 32,128.", valueName: "tokens"))
    var generate = TokenList([128])

    @Option(
        name: [.customShort("d"), .long],
        help: ArgumentHelp("Tokens in the context before the test begins, such as 0,1024.", valueName: "tokens"))
    var depth = TokenList([0])

    @Option(
        name: [.customShort("r"), .long],
        help: ArgumentHelp("Counted rounds, after one that is not.", valueName: "count"))
    var repetitions = 5

    @Flag(help: "Print JSON instead of a table.") var json = false

    @OptionGroup(title: "Service mesh") var mesh: MeshOptions

    func validate() throws {
        guard !prompt.positive.isEmpty || !generate.positive.isEmpty else {
            throw ValidationError("-p and -n must not both be 0.")
        }
        guard (1...1000).contains(repetitions) else {
            throw ValidationError("--repetitions must be 1 to 1000, not \(repetitions).")
        }
        if model.contains("") {
            throw ValidationError("--model is empty; leave it out to use the embedded model.")
        }
    }

    func run() async throws {
        try await mesh.around(CommandLog.logger(level: .warning)) { _ in try measure() }
    }
}

extension BenchModelCommand {
    private func measure() throws {
        var results: [ModelSpeed] = []
        for path in model.isEmpty ? [nil] : model.map(Optional.some) {
            let result = try measure(path)
            results.append(result)
            // A table shows what there is, a JSON text is written when it is whole.
            if !json { try Terminal.write((results.count > 1 ? "\n" : "") + result.table) }
        }
        if json { try Terminal.write(ModelSpeed.jsonText(results)) }
    }

    private func measure(_ path: String?) throws -> ModelSpeed {
        let file = try ModelOptions.open(path)
        let needed = (depth.counts.max() ?? 0) + max(prompt.counts.max() ?? 0, generate.counts.max() ?? 0)
        var options = try load.forOneSequence()
        options.memory.contextLength = options.memory.contextLength ?? max(needed, 16)
        let test = try SpeedTest(file, options: options, resources: .current())
        guard test.plan.contextLength >= needed else {
            throw ValidationError(
                "-d and -p, or -d and -n, may be up to the context of \(test.plan.contextLength) tokens together, "
                    + "not \(needed).")
        }
        var result = ModelSpeed(file: file, test: test)
        for depth in depth.counts {
            if depth > 0 { test.fill(tokens: depth) }
            for tokens in prompt.positive {
                let row = ModelSpeed.Row(kind: .prefill, tokens: tokens, depth: depth)
                result.rows.append(rounds(of: row) { test.prefill(tokens: tokens, depth: depth) })
            }
            for tokens in generate.positive {
                var row = ModelSpeed.Row(kind: .decode, tokens: tokens, depth: depth)
                row.bytesPerToken = test.bytesPerToken(tokens: tokens, depth: depth)
                result.rows.append(rounds(of: row) { test.decode(tokens: tokens, depth: depth) })
            }
        }
        return result
    }

    private func rounds(of row: ModelSpeed.Row, _ run: () -> SpeedTest.Sample) -> ModelSpeed.Row {
        _ = run()
        var row = row
        for round in 1...repetitions {
            if Terminal.isErrorInteractive {
                let bar = Terminal.bar(Double(round - 1) / Double(repetitions))
                Terminal.writeError("\r\u{1B}[K\(bar) \(row.name): round \(round) of \(repetitions)")
            }
            row.rates.append(run().rate)
        }
        if Terminal.isErrorInteractive { Terminal.writeError("\r\u{1B}[K") }
        row.rates.sort()
        return row
    }
}

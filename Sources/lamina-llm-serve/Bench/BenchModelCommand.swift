import ArgumentParser
import LaminaEngine
import LaminaJSON
import LaminaKernels
import LaminaModel
import LaminaServer

/// `bench model`: tokens per second of the forward pass.
struct BenchModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "Measure tokens per second of prompts (pp) and of generation (tg).")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(name: [.customShort("p"), .long], help: ArgumentHelp("Tokens of the prompt.", valueName: "tokens"))
    var prompt = 512

    @Option(name: [.customShort("n"), .long], help: ArgumentHelp("Tokens generated.", valueName: "tokens"))
    var generate = 128

    @Option(
        name: [.customShort("r"), .long],
        help: ArgumentHelp("Counted rounds, after one that is not.", valueName: "count"))
    var repetitions = 5

    @Flag(help: "Print JSON instead of a table.") var json = false

    func validate() throws {
        guard prompt >= 0, generate >= 0, prompt > 0 || generate > 0 else {
            throw ValidationError("-p and -n must not be negative, and not both 0.")
        }
        guard repetitions >= 1 else { throw ValidationError("--repetitions must be at least 1.") }
    }

    func run() throws {
        let file = try model.open()
        var options = model.loading(maximumSequences: 1)
        options.memory.contextLength = model.maxContext ?? max(prompt, generate, 16)
        let test = try SpeedTest(file, options: options, resources: .current())
        guard test.plan.contextLength >= max(prompt, generate) else {
            throw ValidationError(
                "-p and -n may be up to the context of \(test.plan.contextLength) tokens.")
        }
        var rows: [Row] = []
        if prompt > 0 { rows.append(measure("pp\(prompt)") { test.prefill(tokens: prompt) }) }
        if generate > 0 { rows.append(measure("tg\(generate)") { test.decode(tokens: generate) }) }
        try Terminal.write(json ? jsonText(file, test, rows) : table(file, test, rows))
    }

    private struct Row {
        let name: String
        let rates: [Double]  // tokens per second of each round, rising
        var median: Double { (rates[(rates.count - 1) / 2] + rates[rates.count / 2]) / 2 }
    }

    private func measure(_ name: String, _ run: () -> SpeedTest.Sample) -> Row {
        _ = run()
        var rates: [Double] = []
        for round in 1...repetitions {
            if Terminal.isErrorInteractive {
                Terminal.writeError("\r\u{1B}[K\(name): round \(round) of \(repetitions)")
            }
            rates.append(run().rate)
        }
        if Terminal.isErrorInteractive { Terminal.writeError("\r\u{1B}[K") }
        return Row(name: name, rates: rates.sorted())
    }

    private func table(_ file: ModelFile, _ test: SpeedTest, _ rows: [Row]) -> String {
        var text = "\(ModelLocator.name(ofFile: file.file.path)): \(file.configuration.name), "
        text += "\(ByteCount(test.plan.weightBytes)) of weights, \(test.threadCount) threads, \(InstructionSet.name)\n"
        text += "test         tokens/s (median)    lowest   highest\n"
        for row in rows {
            let figures = [row.median, row.rates.first ?? 0, row.rates.last ?? 0].map { "\($0.rounded(to: 1))" }
            text +=
                pad(row.name, 8, left: true) + pad(figures[0], 22) + pad(figures[1], 10) + pad(figures[2], 10) + "\n"
        }
        return text
    }

    private func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? text + space : space + text
    }

    private func jsonText(_ file: ModelFile, _ test: SpeedTest, _ rows: [Row]) -> String {
        let results = rows.map { row -> JSONValue in
            [
                "test": .string(row.name), "tokens_per_second": .number(row.median.rounded(to: 3)),
                "rounds": .array(row.rates.map { .number($0.rounded(to: 3)) }),
            ]
        }
        let value: JSONValue = [
            "model": .string(ModelLocator.name(ofFile: file.file.path)),
            "parameters": .integer(Int64(test.parameterCount)), "weight_bytes": .integer(Int64(test.plan.weightBytes)),
            "threads": .integer(Int64(test.threadCount)), "instruction_set": .string(InstructionSet.name),
            "version": .string(BuildInfo.version), "results": .array(results),
        ]
        return JSONWriter.text(of: value, style: .indented(by: 2)) + "\n"
    }
}

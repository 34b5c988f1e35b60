import ArgumentParser
import LaminaEngine
import LaminaJSON
import LaminaModel
import LaminaServer
import LaminaTelemetry
import Logging
import Synchronization

/// `generate`: one answer on the terminal, without a server.
struct GenerateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Answer one prompt on the terminal.",
        discussion: "The text goes to standard output as it is generated, the statistics to standard error.")

    @OptionGroup(title: "Model") var model: ModelOptions

    @Option(help: ArgumentHelp("Most tokens to generate.", valueName: "count"))
    var maxTokens = 256

    @Option(help: ArgumentHelp("0 always takes the most likely token. Default: the model's own.", valueName: "number"))
    var temperature: Float?

    @Option(help: ArgumentHelp("Start of the random numbers: the same seed gives the same text.", valueName: "number"))
    var seed: UInt64?

    @Flag(help: "Continue the prompt as plain text instead of answering it as a chat message.")
    var raw = false

    @OptionGroup(title: "Service mesh") var mesh: MeshOptions

    @Argument(help: "The prompt.") var prompt: String

    func validate() throws {
        if maxTokens < 1 { throw ValidationError("--max-tokens must be at least 1, not \(maxTokens).") }
        if let temperature, !(0...2).contains(temperature) {
            throw ValidationError("--temperature must be 0 to 2, not \(temperature).")
        }
    }

    func run() async throws {
        try await mesh.around(CommandLog.logger(level: .warning)) { _ in try await generate() }
    }

    private func generate() async throws {
        let choice = try model.choice()
        let file = try ModelFile(path: choice.path)
        let progress = LoadProgress(label: file.configuration.name)
        let speed = Mutex(GenerationSpeed())
        let served = try ServedModel(
            file, options: model.load.forOneSequence(OptionReader().fallingBack(on: choice.settings)),
            resources: .current(),
            report: { report in speed.withLock { $0.add(report) } },
            progress: { progress.update($0) })
        progress.finish()
        let encoder = PromptEncoder(file)
        let tokens =
            raw
            ? encoder.encode(text: prompt) : try encoder.encode(chat: [["role": "user", "content": .string(prompt)]])
        var sampling = SamplingDefaults.parameters(for: file.configuration)
        if let temperature { sampling.temperature = temperature }
        sampling.seed = seed
        let generation = try TextGeneration(
            .init(prompt: tokens, maximumTokens: maxTokens, sampling: sampling), model: served,
            metrics: GenerationMetrics(MetricsRegistry()))
        let summary = try await generation.run { text in
            try Terminal.write(text)
        }
        try Terminal.write("\n")
        await served.engine.stop()
        Terminal.writeError(speed.withLock { $0.text(summary) })
    }
}

/// Time spent on the prompt and on the answer, from the engine's own reports.
private struct GenerationSpeed {
    private var prefill = Duration.zero
    private var decode = Duration.zero
    private var decodedTokens = 0

    mutating func add(_ report: StepReport) {
        if report.promptTokens > 0 {
            prefill += report.stepDuration
        } else {
            decode += report.stepDuration
            decodedTokens += report.generatedTokens
        }
    }

    func text(_ summary: TextGeneration.Summary) -> String {
        func rate(_ tokens: Int, _ time: Duration) -> Double {
            time > .zero ? (Double(tokens) / (time / .seconds(1))).rounded(to: 1) : 0
        }
        return "prompt: \(summary.promptTokens) tokens, \(rate(summary.promptTokens, prefill)) tokens/s; "
            + "answer: \(summary.completionTokens) tokens, \(rate(decodedTokens, decode)) tokens/s "
            + "(ended by \(summary.reason.rawValue))\n"
    }
}

extension Double {
    /// With `digits` decimal places.
    func rounded(to digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}

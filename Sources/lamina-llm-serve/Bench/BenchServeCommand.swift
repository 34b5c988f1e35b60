import ArgumentParser
import LaminaHTTP
import LaminaJSON
import LaminaServer
import Logging

/// `bench serve`: puts a server under load and reports its latencies and throughput.
struct BenchServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Put an OpenAI-compatible server under load; report latencies and throughput.",
        discussion: """
            Works with lamina-llm-serve, llama-server, vLLM and what else streams completions. Prompts are random, so that a \
            prefix cache helps only where --prefix-tokens or --workload agents ask for it; answers have the length asked for \
            where the server knows ignore_eos, as these three do.

            'inter-token' is the time between successive pieces of text of a stream, as in vLLM's ITL: a piece of several \
            tokens counts once. 'per output token' divides the time from the first piece to the last by the tokens after the \
            first, as the server counts them (usage); where it does not, a piece counts as a token.

            Ctrl-C reports what has come so far. The exit status is 0 only if no request failed and none was interrupted.
            """)

    /// The JSON output names the seed, and JSON's integers are signed.
    private static let largestSeed = UInt64(Int64.max)

    /// The shape of the load.
    enum Shape: String, CaseIterable, ExpressibleByArgument {
        case random, agents
    }

    @Option(help: ArgumentHelp("The server, without /v1.", valueName: "url")) var url = "http://127.0.0.1:8080"

    @Option(help: ArgumentHelp("Model to ask for. Default: the first the server names.", valueName: "name"))
    var modelName: String?

    @Flag(exclusivity: .exclusive) var form = PromptForm.chat

    @Option(
        help: ArgumentHelp(
            "random: independent requests. agents: conversations that share a prefix; every turn carries the answers before it.",
            valueName: "random|agents"))
    var workload = Shape.random

    @Option(help: ArgumentHelp("Requests at any time. Default: 1, or the number of agents.", valueName: "count"))
    var concurrency: Int?

    @Option(
        help: ArgumentHelp(
            "Begin this many requests (or agents) a second on average, at Poisson-distributed times, however many run.",
            valueName: "per second"))
    var rate: Double?

    @Option(
        help: ArgumentHelp("Requests in all. Default: 32, or without end if --duration is given.", valueName: "count"))
    var requests: Int?

    @Option(help: ArgumentHelp("Begin no request after this time.", valueName: "seconds")) var duration: Double?

    @Option(help: ArgumentHelp("Tokens of each prompt, or user message, such as 128 or 64-256.", valueName: "tokens"))
    var inputTokens = TokenRange(128)

    @Option(help: ArgumentHelp("Tokens of each answer, such as 64 or 32-96.", valueName: "tokens"))
    var outputTokens = TokenRange(64)

    @Option(
        help: ArgumentHelp(
            "Tokens at the beginning that all prompts share. Default: 0, or 1024 for agents.", valueName: "tokens"))
    var prefixTokens: Int?

    @Option(help: ArgumentHelp("Agents, each with one conversation.", valueName: "count")) var agents = 8

    @Option(help: ArgumentHelp("Requests of an agent's conversation.", valueName: "count")) var turns = 4

    @Option(
        help: ArgumentHelp("Token ids that --prompt-ids chooses from; special tokens lie outside.", valueName: "ids"))
    var idRange = TokenRange(300...1999)

    @Option(help: ArgumentHelp("Requests before that are not counted.", valueName: "count")) var warmUp = 1

    @Option(help: ArgumentHelp("Seconds one request may take.", valueName: "seconds")) var timeout = 600.0

    @Option(help: ArgumentHelp("0 always takes the most likely token.", valueName: "number")) var temperature = 0.0

    @Option(
        help: ArgumentHelp(
            "The same seed sends the same prompts at the same times. Default: random.", valueName: "number"))
    var seed: UInt64?

    @Flag(help: "Print JSON instead of text.") var json = false

    @OptionGroup(title: "Reaching the server") var reach: ClientOptions

    @OptionGroup(title: "Service mesh") var mesh: MeshOptions

    func validate() throws {
        for (name, value) in [
            ("--concurrency", concurrency), ("--requests", requests), ("--agents", agents), ("--turns", turns),
        ] {
            if let value, !(1...1_000_000).contains(value) {
                throw ValidationError("\(name) must be 1 to 1000000, not \(value).")
            }
        }
        for (name, value) in [("--rate", rate), ("--duration", duration), ("--timeout", timeout)] {
            if let value, !(value >= 0.000_001 && value <= 1_000_000) {
                throw ValidationError("\(name) must be 0.000001 to 1000000, not \(value).")
            }
        }
        for (name, value) in [("--prefix-tokens", prefixTokens), ("--warm-up", warmUp)] {
            if let value, !(0...1_000_000).contains(value) {
                throw ValidationError("\(name) must be 0 to 1000000, not \(value).")
            }
        }
        if let seed, seed > Self.largestSeed {
            throw ValidationError("--seed must be 0 to \(Self.largestSeed), not \(seed).")
        }
        if rate != nil, concurrency != nil {
            throw ValidationError("--rate and --concurrency exclude each other: a rate does not wait for answers.")
        }
        if workload == .agents, requests != nil {
            throw ValidationError("--requests does not go with --workload agents: use --agents and --turns.")
        }
        if !(0...2).contains(temperature) {
            throw ValidationError("--temperature must be 0 to 2, not \(temperature).")
        }
    }

    func run() async throws {
        ProcessLimits.raiseOpenFiles()
        try await mesh.around(CommandLog.logger(level: .warning)) { mesh in
            await mesh.waitForProxy()
            try await measure()
        }
    }

    private func measure() async throws {
        let limit = Duration.seconds(timeout)
        let client = try reach.client(
            timeouts: .init(connect: min(.seconds(10), limit), response: limit, idle: limit, total: limit))
        let target = try await LoadTarget(
            url: url, client: client, authorization: reach.authorization(), model: modelName, form: form,
            temperature: temperature)
        defer { target.close() }
        let chosenSeed = seed ?? UInt64.random(in: 0..<1 << 32)
        let test = LoadTest(
            target: target,
            workload: Workload(
                source: try await source(target), inputTokens: inputTokens,
                outputTokens: outputTokens,
                prefixTokens: prefixTokens ?? (workload == .agents ? 1024 : 0), turns: workload == .agents ? turns : 1,
                seed: chosenSeed),
            arrivals: rate.map { .poisson(rate: $0) }
                ?? .closedLoop(concurrency: concurrency ?? (workload == .agents ? agents : 1)),
            extent: extent, log: LoadLog())
        try await test.warmUp(requests: warmUp)
        let isInterrupted = await run(test)
        let report = LoadReport(test.log.current, isInterrupted: isInterrupted)
        try Terminal.write(json ? jsonText(report, test) : header(test) + report.text)
        if isInterrupted { throw ExitCode(130) }
        if report.failed > 0 { throw ExitCode.failure }
    }
}

extension BenchServeCommand {
    private var extent: LoadTest.Extent {
        let limit = duration.map { Duration.seconds($0) }
        switch workload {
        case .random: return .init(conversations: requests ?? (limit == nil ? 32 : nil), duration: limit)
        case .agents: return .init(conversations: limit == nil ? agents : nil, duration: limit)
        }
    }

    /// Ids need no measuring; for words the server says how many tokens they are.
    private func source(_ target: LoadTarget) async throws -> PromptSource {
        if form == .promptIds { return PromptSource(material: .tokens(idRange.lowest...idRange.highest)) }
        var measured: [(words: Int, tokens: Int)] = []
        for repetitions in [1, 2] {
            let (text, words) = PromptSource.sample(repetitions: repetitions)
            measured.append((words, try await target.promptTokens(ofWords: text)))
        }
        return PromptSource(material: .words(.init(measured[0], measured[1])))
    }

    /// Whether it was interrupted by a signal; a second one ends the process.
    private func run(_ test: LoadTest) async -> Bool {
        let signals = ShutdownSignals()
        let names = signals.names
        let progress = LoadTestProgress(log: test.log, extent: test.extent, turns: test.workload.turns)
        return await withTaskGroup(of: Bool?.self) { group in
            group.addTask {
                await test.run()
                return false
            }
            group.addTask {
                for await _ in names { return true }
                return nil
            }
            group.addTask {
                await progress.run()
                return nil
            }
            var isInterrupted = false
            while let ended = await group.next() {
                guard let ended else { continue }
                signals.cancel()
                isInterrupted = isInterrupted || ended
                group.cancelAll()
            }
            return isInterrupted
        }
    }

    private func header(_ test: LoadTest) -> String {
        let load =
            switch test.arrivals {
            case .closedLoop(let concurrency): "\(concurrency) at a time"
            case .poisson(let rate): "\(rate)/s (Poisson)"
            }
        let kind = workload == .agents ? "\(agents) agents, \(turns) turns" : "independent requests"
        return """
            \(test.target.origin), \(test.target.model), \(form.path)
            \(kind), \(load), \(inputTokens) tokens in, \(outputTokens) out, \(test.workload.prefixTokens) shared, \
            seed \(test.workload.seed)


            """
    }

    private func jsonText(_ report: LoadReport, _ test: LoadTest) -> String {
        var object: JSONObject = [
            "version": .string(BuildInfo.version), "url": .string("\(test.target.origin)"),
            "model": .string(test.target.model), "path": .string(form.path), "form": .string(form.rawValue),
            "workload": .string(workload.rawValue), "seed": .integer(Int64(test.workload.seed)),
            "input_tokens": .string("\(inputTokens)"), "output_tokens_asked": .string("\(outputTokens)"),
            "prefix_tokens": .integer(Int64(test.workload.prefixTokens)),
        ]
        switch test.arrivals {
        case .closedLoop(let concurrency): object["concurrency"] = .integer(Int64(concurrency))
        case .poisson(let rate): object["rate"] = .number(rate)
        }
        if workload == .agents {
            object["agents"] = .integer(Int64(agents))
            object["turns"] = .integer(Int64(turns))
        }
        for member in report.json { object[member.key] = member.value }
        return JSONWriter.text(of: .object(object), style: .indented(by: 2)) + "\n"
    }
}

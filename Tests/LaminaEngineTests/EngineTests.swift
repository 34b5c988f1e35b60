import Foundation
import LaminaKernels
import LaminaModel
import Testing

@testable import LaminaEngine

/// An engine over the embedded model, and what it reports.
struct TestEngine {
    let engine: Engine
    let reports: AsyncStream<StepReport>

    init(
        maximumSequences: Int = 16, maximumWaiting: Int = 64, maximumWaitingPerTenant: Int? = nil,
        blockCount: Int = 256, stepTarget: Duration = .milliseconds(250)
    ) throws {
        let models = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../models").standardized
        let file = try GGUFFile(path: models.appending(path: "lamina-tiny-q8_0.gguf").path)
        let configuration = try ModelConfiguration(file.header)
        let pool = try WorkerPool(threadCount: 2)
        let cache = try KVCache(
            layers: configuration.layerCount, blockCount: blockCount, heads: configuration.kvHeadCount,
            headDimension: configuration.headDimension)
        let limits = EngineLimits(
            maximumSequences: maximumSequences, maximumStepTokens: 128, maximumWaiting: maximumWaiting,
            maximumWaitingPerTenant: maximumWaitingPerTenant, stepTarget: stepTarget,
            contextLength: configuration.contextLength)
        let transformer = try Transformer(
            configuration: configuration, weights: ModelWeights(file, configuration: configuration, pool: pool),
            cache: cache, pool: pool, maximumTokens: limits.maximumStepTokens, maximumLogits: maximumSequences)
        let (reports, continuation) = AsyncStream<StepReport>.makeStream()
        self.reports = reports
        engine = try Engine(
            transformer: transformer, vocabularySize: configuration.vocabularySize, blockCount: blockCount,
            limits: limits
        ) { continuation.yield($0) }
    }

    /// The first report that satisfies `condition`.
    func report(where condition: (StepReport) -> Bool) async -> StepReport? {
        for await report in reports where condition(report) { return report }
        return nil
    }

    func generate(
        _ request: GenerationRequest
    ) async throws -> (tokens: [TokenID], reason: FinishReason?, cached: Int) {
        var tokens: [TokenID] = []
        var cached = 0
        for await event in try engine.submit(request).events {
            switch event {
            case .admitted(let count, _): cached = count
            case .token(let token, _): tokens.append(token)
            case .finished(let reason): return (tokens, reason, cached)
            }
        }
        return (tokens, nil, cached)
    }
}

@Suite(.timeLimit(.minutes(1)))
struct EngineTests {
    private static func request(
        _ number: Int, maximum: Int = 40, temperature: Float = 0.8, stop: Set<TokenID> = [0, 2]
    ) -> GenerationRequest {
        GenerationRequest(
            prompt: [1, 261, 100] + (0..<(number * 7 % 60)).map { TokenID(10 + ($0 * 31 + number) % 1500) },
            maximumTokens: maximum,
            sampling: SamplingParameters(temperature: temperature, topP: 0.95, seed: UInt64(number)), stopTokens: stop)
    }

    @Test func `Sixteen sequences together give what each gives alone`() async throws {
        let alone = try TestEngine(maximumSequences: 1)
        var expected: [[TokenID]] = []
        for number in 0..<16 { expected.append(try await alone.generate(Self.request(number)).tokens) }
        await alone.engine.stop()
        let together = try TestEngine()
        let found = try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for number in 0..<16 {
                group.addTask { (number, try await together.generate(Self.request(number)).tokens) }
            }
            return try await group.reduce(into: [Int: [TokenID]]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<16 { #expect(found[number] == expected[number], "sequence \(number)") }
        await together.engine.stop()
    }

    @Test func `A sequence ends at its maximum, or at the end of the context`() async throws {
        let test = try TestEngine()
        let short = try await test.generate(Self.request(3, maximum: 5, stop: []))
        #expect(short.tokens.count == 5 && short.reason == .length)
        let prompt = [TokenID](repeating: 50, count: 1000)
        let long = try await test.generate(
            GenerationRequest(prompt: prompt, maximumTokens: 10_000, sampling: .greedy))
        #expect(long.tokens.count == 24 && long.reason == .length)
        await test.engine.stop()
    }

    @Test func `Cancelling frees the blocks within a step and ends the events`() async throws {
        let test = try TestEngine()
        let generation = try test.engine.submit(Self.request(2, maximum: 900, temperature: 0, stop: []))
        var seen = 0
        var reason: FinishReason?
        for await event in generation.events {
            switch event {
            case .admitted: break
            case .token:
                seen += 1
                if seen == 3 { test.engine.end(generation.id, .cancelled) }
            case .finished(let why): reason = why
            }
        }
        #expect(reason == .cancelled)
        let report = await test.report { $0.finished[.cancelled] == 1 }
        #expect(report?.freeBlocks == 256 && report?.runningSequences == 0)
        await test.engine.stop()
    }

    @Test func `Refuses what can never run, naming the numbers`() async throws {
        let test = try TestEngine()
        func refusal(_ prompt: [TokenID]) -> EngineRefusal? {
            do throws(EngineRefusal) {
                _ = try test.engine.submit(GenerationRequest(prompt: prompt, maximumTokens: 1, sampling: .greedy))
                return nil
            } catch { return error }
        }
        #expect(refusal([]) == .emptyPrompt)
        #expect(refusal([5, 2048]) == .unknownToken(2048, vocabularySize: 2048))
        #expect(refusal([-1]) == .unknownToken(-1, vocabularySize: 2048))
        let long = [TokenID](repeating: 1, count: 1024)
        #expect(refusal(long) == .promptTooLong(promptTokens: 1024, contextLength: 1024))
        await test.engine.stop()
        #expect(refusal([1]) == .stopping)
    }

    @Test func `Refuses more than may wait, and takes requests again when there is room`() async throws {
        let test = try TestEngine(maximumSequences: 1, maximumWaiting: 2)
        let taken = try (0..<3).map { try test.engine.submit(Self.request($0, maximum: 900, stop: [])) }
        #expect(throws: EngineRefusal.queueFull(limit: 3)) { try test.engine.submit(Self.request(9)) }
        for generation in taken { test.engine.end(generation.id, .cancelled) }
        for generation in taken { for await _ in generation.events {} }
        #expect(try await test.generate(Self.request(9, maximum: 3, stop: [])).tokens.count == 3)
        await test.engine.stop()
    }

    @Test func `Stopping ends every sequence and every wait`() async throws {
        let test = try TestEngine(maximumSequences: 2)
        let taken = try (0..<6).map { try test.engine.submit(Self.request($0, maximum: 900, stop: [])) }
        await test.engine.stop()
        for generation in taken {
            var last: TokenEvent?
            for await event in generation.events { last = event }
            #expect(last == .finished(.shutdown))
        }
        await test.engine.stop()
    }

    @Test func `More requests than places all end`() async throws {
        let test = try TestEngine(maximumSequences: 2, blockCount: 64)
        let results = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<12 {
                group.addTask { try await test.generate(Self.request(number, maximum: 20, stop: [])).tokens.count }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(results == [Int](repeating: 20, count: 12))
        await test.engine.stop()
    }

    @Test func `A cached beginning saves its computation and changes no token`() async throws {
        let test = try TestEngine()
        let system = (0..<200).map { TokenID(10 + $0 * 31 % 1500) }
        func turn(_ more: [TokenID]) -> GenerationRequest {
            GenerationRequest(
                prompt: system + more, maximumTokens: 40,
                sampling: SamplingParameters(temperature: 0.8, seed: 5))
        }
        let first = try await test.generate(turn([100, 101]))
        #expect(first.cached == 0)
        let again = try await test.generate(turn([100, 101]))
        #expect(again.cached == 192 && again.tokens == first.tokens)
        // The next turn of a conversation begins with the last answer, whose blocks are there too.
        let next = turn([100, 101] + first.tokens + [1, 5, 9])
        let cached = try await test.generate(next)
        #expect(cached.cached == 240)
        await test.engine.stop()
        let fresh = try TestEngine()
        #expect(try await fresh.generate(next).tokens == cached.tokens)
        await fresh.engine.stop()
    }

    @Test func `Cached beginnings are given up for new requests when blocks run out`() async throws {
        let test = try TestEngine(blockCount: 64)
        var first: [TokenID] = []
        for round in 0..<12 {
            let number = round % 3
            let prompt = (0..<400).map { TokenID(10 + ($0 * 17 + number * 501) % 1500) }
            let result = try await test.generate(
                GenerationRequest(prompt: prompt, maximumTokens: 20, sampling: .greedy))
            #expect(result.tokens.count == 20)
            if round == 0 { first = result.tokens }
            if number == 0 { #expect(result.tokens == first) }
        }
        await test.engine.stop()
    }
}

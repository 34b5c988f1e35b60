import LaminaModel
import Testing

@testable import LaminaEngine

/// What the scheduler does must not show in any answer.
@Suite(.timeLimit(.minutes(1)))
struct EngineSchedulingTests {
    private static func request(_ number: Int, prompt: Int, maximum: Int) -> GenerationRequest {
        GenerationRequest(
            prompt: (0..<prompt).map { TokenID(10 + ($0 * 31 + number * 77) % 1500) }, maximumTokens: maximum,
            sampling: SamplingParameters(temperature: 0.8, topP: 0.95, seed: UInt64(number)))
    }

    /// What each request gives when it has the engine for itself.
    private func alone(_ requests: [GenerationRequest]) async throws -> [[TokenID]] {
        let test = try TestEngine(maximumSequences: 1)
        var results: [[TokenID]] = []
        for request in requests { results.append(try await test.generate(request).tokens) }
        await test.engine.stop()
        return results
    }

    private func together(_ requests: [GenerationRequest], _ test: TestEngine) async throws -> [[TokenID]] {
        try await withThrowingTaskGroup(of: (Int, [TokenID]).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, try await test.generate(request).tokens) }
            }
            return try await group.reduce(into: Array(repeating: [], count: requests.count)) { $0[$1.0] = $1.1 }
        }
    }

    @Test func `Preempted sequences give what they would have given`() async throws {
        let requests = (0..<8).map { Self.request($0, prompt: 120 + 9 * $0, maximum: 100) }
        let expected = try await alone(requests)
        // The smallest cache the context allows: half of what the eight come to need.
        let test = try TestEngine(blockCount: 64)
        #expect(try await together(requests, test) == expected)
        await test.engine.stop()
        var (preemptions, recomputed) = (0, 0)
        for await report in test.reports {
            preemptions += report.preemptions
            recomputed += report.recomputedTokens
            if report.freeBlocks == 64, report.waitingSequences == 0 { break }
        }
        #expect(preemptions > 0 && recomputed > 0)
    }

    @Test(arguments: [Duration.nanoseconds(1), .milliseconds(2), .seconds(60)])
    func `The size of chunks changes no token`(target: Duration) async throws {
        let requests = (0..<4).map { Self.request($0, prompt: $0 % 2 == 0 ? 20 : 300, maximum: 30) }
        let expected = try await alone(requests)
        let test = try TestEngine(maximumSequences: 3, stepTarget: target)
        #expect(try await together(requests, test) == expected)
        await test.engine.stop()
    }

    @Test func `A deadline that has passed is refused`() async throws {
        let test = try TestEngine()
        var request = Self.request(1, prompt: 5, maximum: 5)
        request.terms.deadline = .now
        #expect(throws: EngineRefusal.deadlinePassed) { try test.engine.submit(request) }
        await test.engine.stop()
    }

    @Test func `A request whose deadline passes in the queue is dropped without computing anything`() async throws {
        let test = try TestEngine(maximumSequences: 1)
        let occupant = try test.engine.submit(Self.request(1, prompt: 5, maximum: 1000))
        for await event in occupant.events { if case .token = event { break } }
        var request = Self.request(2, prompt: 50, maximum: 5)
        request.terms.deadline = .now.advanced(by: .milliseconds(1))
        var events: [TokenEvent] = []
        do {
            for await event in try test.engine.submit(request).events { events.append(event) }
            #expect(events == [.finished(.deadline)])
            let report = await test.report { $0.finished[.deadline] == 1 }
            #expect(report?.expiredWaiting == 1 && report?.runningSequences == 1)
        } catch EngineRefusal.deadlinePassed {
            // The test itself was slower than its deadline.
        }
        test.engine.end(occupant.id, .cancelled)
        await test.engine.stop()
    }

    @Test func `A sequence whose deadline passes while it runs ends there`() async throws {
        let test = try TestEngine()
        var request = Self.request(2, prompt: 5, maximum: 1000)
        request.terms.deadline = .now.advanced(by: .milliseconds(10))
        let result = try await test.generate(request)
        #expect(result.reason == .deadline && result.tokens.count < 1000)
        let report = await test.report { $0.finished[.deadline] == 1 }
        #expect(report?.freeBlocks == 256)
        await test.engine.stop()
    }

    @Test func `Other salts share no beginning`() async throws {
        let test = try TestEngine()
        var request = Self.request(3, prompt: 100, maximum: 5)
        var results: [(tokens: [TokenID], cached: Int)] = []
        for salt in [nil, "a", nil, "a", "b"] {
            request.terms.cacheSalt = salt
            let result = try await test.generate(request)
            results.append((result.tokens, result.cached))
        }
        #expect(results.map(\.cached) == [0, 0, 96, 96, 0])
        #expect(Set(results.map(\.tokens)).count == 1)
        await test.engine.stop()
    }

    @Test func `One tenant cannot fill the queue`() async throws {
        let test = try TestEngine(maximumSequences: 1, maximumWaiting: 8, maximumWaitingPerTenant: 2)
        func submit(_ tenant: Tenant) throws -> Engine.Generation {
            var request = Self.request(1, prompt: 5, maximum: 1000)
            request.terms.tenant = tenant
            return try test.engine.submit(request)
        }
        var taken = try (0..<3).map { _ in try submit(.named("a")) }
        #expect(throws: EngineRefusal.tenantQueueFull(limit: 2)) { try submit(.named("a")) }
        taken.append(try submit(.named("b")))
        for _ in 0..<5 { taken.append(try submit(.common)) }
        #expect(throws: EngineRefusal.queueFull(limit: 9)) { try submit(.named("b")) }
        // Ending one that waits makes room for another of that tenant.
        test.engine.end(taken[2].id, .cancelled)
        for await _ in taken[2].events {}
        taken.append(try submit(.named("a")))
        #expect(throws: EngineRefusal.self) { try submit(.named("a")) }
        await test.engine.stop()
        for generation in taken { for await _ in generation.events {} }
    }
}

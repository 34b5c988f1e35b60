import Benchmark
import LaminaModel

@testable import LaminaEngine

/// A scheduler with `count` sequences that decode.
private final class SchedulerCase {
    private var scheduler: Scheduler
    private let sampled: [TokenID?]

    init(sequences count: Int, context: Int) {
        sampled = Array(repeating: 7, count: count)
        scheduler = Scheduler(
            limits: EngineLimits(maximumSequences: count, contextLength: context), blockCount: count * context / 16)
        for number in 0..<count {
            let request = GenerationRequest(
                prompt: (0..<32).map { TokenID($0 + number + 1) }, maximumTokens: context - 32, sampling: .greedy)
            scheduler.add(
                SequenceState(id: SequenceID(number: UInt64(number)), request: request, contextLength: context))
        }
        _ = scheduler.admit()
        // The prompts, in as many steps as the budget takes.
        while scheduler.schedule().promptTokens > 0 { step() }
    }

    /// Schedules and commits one step.
    func step() {
        let step = scheduler.schedule()
        blackHole(scheduler.commit(step, sampled: Array(sampled.prefix(step.batch.slices.count))))
    }
}

/// What a step of 16 decoding sequences costs beside the transformer.
func registerScheduler() {
    // Iterations are bounded, so that no sequence reaches its end.
    var configuration = Benchmark.defaultConfiguration
    configuration.maxIterations = 3000
    Benchmark("scheduler step with 16 sequences", configuration: configuration) { _, state in
        state.step()
    } setup: {
        SchedulerCase(sequences: 16, context: 4096)
    }
}

package import LaminaModel

/// A model in memory with the engine that computes it.
package final class ServedModel: Sendable {
    /// Tokenizer, chat template and dimensions.
    package let file: ModelFile
    /// Where its memory goes.
    package let plan: MemoryPlan
    /// Takes requests.
    package let engine: Engine
    /// Threads that compute.
    package let threadCount: Int
    /// Weights in all tensors.
    package let parameterCount: Int

    /// How a model is to be loaded.
    package struct Options: Sendable {
        /// Threads that compute; nil takes all processors the process may use.
        package var threadCount: Int?
        /// Requests that may wait.
        package var maximumWaiting = EngineLimits.Default.waiting
        /// Requests of one named tenant that may wait; nil for half of all.
        package var maximumWaitingPerTenant: Int?
        /// Time a step should take while streams run.
        package var stepTarget = EngineLimits.Default.stepTarget
        /// Division of memory.
        package var memory = MemoryPlan.Wishes()

        /// All processors, the plan's own division of memory.
        package init() {}
    }

    /// Repacks the weights and starts the engine. Takes seconds for large models: not for a task of the shared pool.
    /// - Parameters:
    ///   - report: called on the engine's thread after each step.
    ///   - progress: told the share of the weights done, 0...1.
    /// - Throws: `MemoryPlanError`, `ModelError`, `GGUFError` or `KernelError`.
    package init(
        _ file: ModelFile, options: Options, resources: SystemResources,
        report: @escaping @Sendable (StepReport) -> Void, progress: @escaping @Sendable (Double) -> Void = { _ in }
    ) throws {
        let loaded = try LoadedModel(file, options: options, resources: resources, progress: progress)
        let limits = EngineLimits(
            maximumSequences: options.memory.maximumSequences, maximumStepTokens: options.memory.maximumStepTokens,
            maximumWaiting: options.maximumWaiting,
            maximumWaitingPerTenant: options.maximumWaitingPerTenant ?? (options.maximumWaiting + 1) / 2,
            stepTarget: options.stepTarget, contextLength: loaded.plan.contextLength)
        self.file = file
        plan = loaded.plan
        threadCount = loaded.threadCount
        parameterCount = loaded.parameterCount
        engine = try Engine(
            transformer: loaded.transformer, vocabularySize: file.configuration.vocabularySize,
            blockCount: loaded.plan.blockCount, limits: limits, report: report)
    }
}

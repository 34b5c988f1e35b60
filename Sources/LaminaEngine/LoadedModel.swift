import LaminaKernels
import LaminaModel

/// A model's weights in memory, ready to compute, and what that took.
struct LoadedModel {
    let transformer: Transformer
    let plan: MemoryPlan
    let threadCount: Int
    let parameterCount: Int

    /// Plans the memory, repacks the weights, and allocates cache and activations.
    init(
        _ file: ModelFile, options: ServedModel.Options, resources: SystemResources,
        progress: @escaping @Sendable (Double) -> Void
    ) throws {
        let configuration = file.configuration
        plan = try ServedModel.plan(file, options: options, resources: resources)
        let pool = try WorkerPool(threadCount: ServedModel.threadCount(options, resources))
        threadCount = pool.threadCount
        let weights = try ModelWeights(file.file, configuration: configuration, pool: pool, progress: progress)
        parameterCount = weights.parameterCount
        let cache = try KVCache(
            type: options.memory.cacheType, layers: configuration.layerCount, blockCount: plan.blockCount,
            heads: configuration.kvHeadCount, headDimension: configuration.headDimension)
        transformer = try Transformer(
            configuration: configuration, weights: weights, cache: cache, pool: pool,
            maximumTokens: options.memory.maximumStepTokens, maximumLogits: options.memory.maximumSequences)
    }
}

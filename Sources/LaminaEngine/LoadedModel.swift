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
        let (dimension, cacheType) = (configuration.headDimension, options.memory.cacheType)
        guard dimension % cacheType.dimensionMultiple == 0 else {
            throw ModelError.unsupportedCacheType(
                path: file.file.path, type: cacheType.rawValue, headDimension: dimension,
                multiple: cacheType.dimensionMultiple)
        }
        let threads = min(options.threadCount ?? resources.processorCount, WorkerPool.maximumThreadCount)
        plan = try MemoryPlan(
            configuration: configuration, weightBytes: file.file.header.weightBytes, wishes: options.memory,
            threadCount: threads,
            availableBytes: resources.availableMemoryBytes)
        let pool = try WorkerPool(threadCount: threads)
        threadCount = pool.threadCount
        let weights = try ModelWeights(file.file, configuration: configuration, pool: pool, progress: progress)
        parameterCount = weights.parameterCount
        let cache = try KVCache(
            type: options.memory.cacheType, layers: configuration.layerCount, blockCount: plan.blockCount,
            heads: configuration.kvHeadCount, headDimension: dimension)
        transformer = try Transformer(
            configuration: configuration, weights: weights, cache: cache, pool: pool,
            maximumTokens: options.memory.maximumStepTokens, maximumLogits: options.memory.maximumSequences)
    }
}

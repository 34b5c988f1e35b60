import LaminaKernels
package import LaminaModel

extension ServedModel {
    /// What loading a model would take, before anything large is allocated.
    ///
    /// - Throws: `MemoryPlanError`; `ModelError` where keys and values cannot be kept as asked.
    package static func plan(
        _ file: ModelFile, options: Options, resources: SystemResources
    ) throws -> MemoryPlan {
        let dimension = file.configuration.headDimension
        let cacheType = options.memory.cacheType
        guard dimension % cacheType.dimensionMultiple == 0 else {
            throw ModelError.unsupportedCacheType(
                path: file.file.path, type: cacheType.rawValue, headDimension: dimension,
                multiple: cacheType.dimensionMultiple)
        }
        return try MemoryPlan(
            configuration: file.configuration, weightBytes: file.file.header.weightBytes, wishes: options.memory,
            threadCount: threadCount(options, resources), availableBytes: resources.availableMemoryBytes)
    }

    /// How many threads are to compute.
    package static func threadCount(_ options: Options, _ resources: SystemResources) -> Int {
        min(options.threadCount ?? resources.processorCount, WorkerPool.maximumThreadCount)
    }

    /// The longest context that may be asked for so that the model fits; nil where none does.
    package static func longestContext(
        _ file: ModelFile, options: Options, resources: SystemResources
    ) -> Int? {
        var options = options
        func fits(_ blocks: Int) -> Bool {
            options.memory.contextLength = blocks * KVCache.blockSize
            return (try? plan(file, options: options, resources: resources)) != nil
        }
        var fitting = 0
        var tooLarge = file.configuration.contextLength / KVCache.blockSize + 1
        while tooLarge - fitting > 1 {
            let middle = (fitting + tooLarge) / 2
            if fits(middle) { fitting = middle } else { tooLarge = middle }
        }
        return fitting > 0 ? fitting * KVCache.blockSize : nil
    }
}

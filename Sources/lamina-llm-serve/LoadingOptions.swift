import ArgumentParser
import LaminaEngine
import LaminaKernels

/// How a model is loaded: options that several commands share. Each has an environment variable.
struct LoadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Threads that compute (LAMINA_THREADS). Default: the processors this process may use.", valueName: "count"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Most tokens of prompt and answer together (LAMINA_MAX_CONTEXT). Default: the model's context.",
            valueName: "tokens"))
    var maxContext: Int?

    @Option(
        help: ArgumentHelp(
            "Memory for keys and values, such as 512M or 4G (LAMINA_KV_CACHE_MEMORY). Default: what the sequences need, at most "
                + "half of what is free.", valueName: "bytes"))
    var kvCacheMemory: MemorySize?

    @Option(
        help: ArgumentHelp(
            "How keys and values are kept: f16, or q8_0 for twice the context in the same memory (LAMINA_KV_TYPE). Default: f16.",
            valueName: "type"))
    var kvType: KVCacheType?

    func validate() throws {
        var options = ServedModel.Options()
        try apply(to: &options, OptionReader())
    }

    /// Sets what options or environment say.
    ///
    /// - Throws: `ValidationError` that names the option or the variable.
    func apply(to options: inout ServedModel.Options, _ read: OptionReader) throws {
        options.threadCount = try read.number(threads, "threads", 1...WorkerPool.maximumThreadCount)
        options.memory.contextLength = try read.number(maxContext, "max-context", 16...(1 << 24))
        options.memory.cacheBytes = try read.bytes(kvCacheMemory, "kv-cache-memory")
        if let type = try read.choice(kvType?.rawValue, "kv-type", of: KVCacheType.self) {
            options.memory.cacheType = type
        }
    }

    /// How the model is loaded where it computes one sequence at a time.
    func forOneSequence(_ read: OptionReader = OptionReader()) throws -> ServedModel.Options {
        var options = ServedModel.Options()
        options.memory.maximumSequences = 1
        try apply(to: &options, read)
        return options
    }
}

extension KVCacheType: ExpressibleByArgument {}

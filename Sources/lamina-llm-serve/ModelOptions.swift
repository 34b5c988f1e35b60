import ArgumentParser
import FoundationEssentials
import LaminaEngine
import LaminaKernels
import LaminaModel
import LaminaServer

/// How a model is loaded: options that several commands share.
struct LoadingOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Threads that compute. Default: the processors this process may use.", valueName: "count"))
    var threads: Int?

    @Option(
        help: ArgumentHelp(
            "Most tokens of prompt and answer together. Default: the model's context.", valueName: "tokens"))
    var maxContext: Int?

    @Option(
        help: ArgumentHelp(
            "Memory for keys and values, such as 512M or 4G. Default: what the sequences need, at most half of what is free.",
            valueName: "bytes"))
    var kvCacheMemory: MemorySize?

    @Option(
        help: ArgumentHelp(
            "How keys and values are kept: f16, or q8_0 for twice the context in the same memory.", valueName: "type"))
    var kvType = KVCacheType.f16

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be at least 1, not \(threads).") }
        if let maxContext, !(16...(1 << 24)).contains(maxContext) {
            throw ValidationError("--max-context must be 16 to \(1 << 24) tokens, not \(maxContext).")
        }
    }

    /// How the model is to be loaded for `maximumSequences` at once.
    func loading(maximumSequences: Int, maximumWaiting: Int = 256) -> ServedModel.Options {
        var options = ServedModel.Options()
        options.threadCount = threads
        options.maximumWaiting = maximumWaiting
        options.memory = MemoryPlan.Wishes(
            contextLength: maxContext, cacheBytes: kvCacheMemory?.bytes, cacheType: kvType,
            maximumSequences: maximumSequences)
        return options
    }
}

/// Which model, and how it is loaded.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "GGUF file of the model (environment: LAMINA_MODEL). Default: the embedded demonstration model.",
            valueName: "path"))
    var model: String?

    @OptionGroup var load: LoadingOptions

    func validate() throws {
        if model == "" { throw ValidationError("--model is empty; leave it out to use the embedded model.") }
    }

    /// Opens the model named by the option, the environment, or none.
    func open() throws -> ModelFile { try Self.open(model) }

    /// Opens the model at a path; without one that of the environment, or else the embedded one.
    static func open(_ path: String?) throws -> ModelFile {
        let environment = ProcessInfo.processInfo.environment
        if let path = path ?? environment["LAMINA_MODEL"], !path.isEmpty { return try ModelFile(path: path) }
        let folders = ModelLocator.folders(
            modelsFolder: environment["LAMINA_MODELS_DIR"], executable: Executable.path)
        return try ModelFile(path: ModelLocator.embedded(in: folders))
    }

    /// How the model is to be loaded for `maximumSequences` at once.
    func loading(maximumSequences: Int, maximumWaiting: Int = 256) -> ServedModel.Options {
        load.loading(maximumSequences: maximumSequences, maximumWaiting: maximumWaiting)
    }
}

extension KVCacheType: ExpressibleByArgument {}

/// A number of bytes on the command line: digits and an optional K, M, G or T (powers of 1024).
struct MemorySize: ExpressibleByArgument {
    let bytes: Int

    /// A pebibyte: no machine has more, and sums of a few cannot overflow.
    private static let largest = 1 << 50

    /// As it would be typed.
    var defaultValueDescription: String {
        for (unit, size) in [("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)] where bytes % size == 0 {
            return "\(bytes / size)\(unit)"
        }
        return "\(bytes)"
    }

    init(bytes: Int) { self.bytes = bytes }

    init?(argument: String) {
        var digits = argument[...]
        var factor = 1
        if let unit = digits.last, !unit.isNumber {
            guard let power = "KMGT".firstIndex(of: Character(unit.uppercased())) else { return nil }
            factor = 1 << (10 * ("KMGT".distance(from: "KMGT".startIndex, to: power) + 1))
            digits.removeLast()
        }
        guard let number = Int(digits), number > 0 else { return nil }
        let (bytes, overflow) = number.multipliedReportingOverflow(by: factor)
        guard !overflow, bytes <= Self.largest else { return nil }
        self.bytes = bytes
    }
}

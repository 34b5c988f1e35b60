import ArgumentParser
import FoundationEssentials
import LaminaEngine
import LaminaModel
import LaminaServer

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
}

import ArgumentParser
import FoundationEssentials
import LaminaModel
import LaminaServer

/// Which model, and how it is loaded.
struct ModelOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "GGUF file of the model, or its name in the manifest (environment: LAMINA_MODEL). Default: the manifest's, else the "
                + "embedded demonstration model.", valueName: "path"))
    var model: String?

    @Option(
        help: ArgumentHelp(
            "File that names models and says how they are loaded, such as models.yaml (LAMINA_MANIFEST). Default: none.",
            valueName: "path"))
    var manifest: String?

    @OptionGroup var load: LoadingOptions

    func validate() throws {
        if model == "" { throw ValidationError("--model is empty; leave it out to use the embedded model.") }
        if manifest == "" { throw ValidationError("--manifest is empty; leave it out to use none.") }
    }

    /// Opens the model named by the options, the environment, the manifest, or none.
    func open() throws -> ModelFile { try ModelFile(path: choice().path) }

    /// The model that is meant.
    ///
    /// - Throws: `ValidationError` for a name that nothing has, `ModelManifestFileError` where the manifest cannot be used or does
    ///   not say which of its models to serve, `NoModelFound`.
    func choice(_ read: OptionReader = OptionReader()) throws -> ModelChoice {
        let named = Self.named(model, read)
        guard let path = read.given(manifest, "manifest")?.text, !path.isEmpty else {
            return ModelChoice(path: try named?.text ?? Self.embedded(read))
        }
        let file = try ModelManifestFile(path: path)
        guard let named else { return ModelChoice(try file.defaultEntry(), of: file) }
        if let entry = file.manifest.entry(named: named.text) { return ModelChoice(entry, of: file) }
        guard FileManager.default.fileExists(atPath: named.text) else {
            throw ValidationError(
                "\(named.source) '\(named.text)' is neither a file nor a model of \(path), which has "
                    + "\(file.manifest.entries.map(\.name).joined(separator: ", ")).")
        }
        return ModelChoice(path: named.text)
    }

    /// Opens the model at a path; without one that of the environment, or else the embedded one.
    static func open(_ path: String?) throws -> ModelFile {
        let read = OptionReader()
        return try ModelFile(path: named(path, read)?.text ?? embedded(read))
    }

    private static func named(_ model: String?, _ read: OptionReader) -> OptionReader.Given? {
        read.given(model, "model").flatMap { $0.text.isEmpty ? nil : $0 }
    }

    private static func embedded(_ read: OptionReader) throws -> String {
        let folders = ModelLocator.folders(
            modelsFolder: read.environment["LAMINA_MODELS_DIR"], executable: Executable.path)
        return try ModelLocator.embedded(in: folders)
    }
}

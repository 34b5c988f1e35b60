import LaminaModel
import LaminaServer

/// The model that options, environment or manifest name.
struct ModelChoice {
    /// Its GGUF file.
    let path: String
    /// Its name in the manifest; nil where it is not of one.
    var name: String?
    /// Further names that the manifest gives it.
    var aliases: [String] = []
    /// What the manifest says of loading it, by the options that say the same.
    var settings: [String: OptionReader.Given] = [:]

    init(path: String) { self.path = path }

    init(_ entry: ModelManifest.Entry, of file: ModelManifestFile) {
        path = file.path(of: entry)
        name = entry.name
        aliases = entry.aliases
        let loading = entry.loading
        for (option, text) in [
            ("max-context", loading.maxContext), ("max-sequences", loading.maxSequences), ("kv-type", loading.kvType),
            ("kv-cache-memory", loading.kvCacheMemory),
        ] {
            guard let text else { continue }
            let key = option.replacing("-", with: "_")
            settings[option] = .init(source: "\(file.path): '\(key)' of model '\(entry.name)'", text: text)
        }
    }
}

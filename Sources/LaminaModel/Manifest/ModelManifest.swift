/// The models of an installation by name, as `models.yaml` lists them.
///
/// The form is that of the system's first server. What it says about other servers' work (`backend`, `backends`, `categories`, `download`)
/// is accepted and has no effect here.
package struct ModelManifest: Sendable, Equatable {
    /// One model.
    package struct Entry: Sendable, Equatable {
        /// What requests call it.
        package let name: String
        /// Its GGUF file; absolute, or relative to the manifest's folder.
        package let path: String
        /// For people; empty where nothing is said.
        package var description = ""
        /// Further names that requests may use.
        package var aliases: [String] = []
        /// How it is loaded, where nobody says otherwise.
        package var loading = Loading()
    }

    /// How a model is loaded; nil leaves it to the server. The texts are checked where the server's own options are.
    package struct Loading: Sendable, Equatable {
        /// Most tokens of prompt and answer together.
        package var maxContext: String?
        /// Sequences computed together.
        package var maxSequences: String?
        /// How keys and values are kept.
        package var kvType: String?
        /// Memory for keys and values.
        package var kvCacheMemory: String?

        package init() {}
    }

    /// In the order of the file.
    package let entries: [Entry]
    /// The model for each use, by name.
    package let defaults: [String: String]

    /// The use whose model is served where none is named.
    package static let servedUse = "conversational"

    /// The entry with that name or alias.
    package func entry(named name: String) -> Entry? {
        entries.first { $0.name == name } ?? entries.first { $0.aliases.contains(name) }
    }

    /// What is served where no model is named: the one for conversation, else the only one.
    ///
    /// - Throws: `ModelManifestError.noDefault`.
    package func defaultEntry() throws(ModelManifestError) -> Entry {
        if let name = defaults[Self.servedUse], let entry = entry(named: name) { return entry }
        guard entries.count == 1, let only = entries.first else {
            throw .noDefault(names: entries.map(\.name))
        }
        return only
    }
}

/// Why a manifest cannot be used.
package enum ModelManifestError: Error, Equatable, CustomStringConvertible {
    /// A line is not YAML that is read here, or does not say what it should.
    case malformed(line: Int, problem: String)
    /// It lists no model.
    case noModels
    /// Several models, and none for conversation.
    case noDefault(names: [String])

    package var description: String {
        switch self {
        case .malformed(let line, let problem): "line \(line): \(problem)"
        case .noModels: "it lists no model; write 'models:' and below it a name with a 'path'"
        case .noDefault(let names):
            "it lists \(names.count) models; name one with --model (\(names.joined(separator: ", "))), or under "
                + "'defaults: \(ModelManifest.servedUse):'"
        }
    }
}

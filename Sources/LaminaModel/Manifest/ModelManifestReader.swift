extension ModelManifest {
    /// Names that requests send; longer ones are refused there too.
    private static let nameBytes = 256
    private static let entryLimit = 1000

    /// Reads a manifest.
    ///
    /// - Throws: `ModelManifestError` for what is no manifest, keys that mean nothing, and defaults that name no model.
    package init(parsing document: String) throws(ModelManifestError) {
        let root: YAMLNode?
        do throws(YAMLError) {
            root = try YAMLReader.read(document)
        } catch {
            throw .malformed(line: error.line, problem: error.problem)
        }
        guard let root else { throw .noModels }
        let fields = try ManifestFields(
            root, of: "the manifest", known: ["models", "defaults"], unused: ["backends", "categories"])
        let models = try fields.mapping("models")
        guard !models.isEmpty else { throw .noModels }
        guard models.count <= Self.entryLimit else {
            throw .malformed(line: root.line, problem: "there are more than \(Self.entryLimit) models")
        }
        var entries: [Entry] = []
        var names: Set<String> = []
        for pair in models {
            let entry = try Entry(pair)
            for name in [entry.name] + entry.aliases {
                guard (1...Self.nameBytes).contains(name.utf8.count) else {
                    throw .malformed(
                        line: pair.node.line, problem: "a model's name must have 1 to \(Self.nameBytes) bytes")
                }
                guard names.insert(name).inserted else {
                    throw .malformed(line: pair.node.line, problem: "the name '\(name)' is taken by another model")
                }
            }
            entries.append(entry)
        }
        var defaults: [String: String] = [:]
        for pair in try fields.mapping("defaults") {
            let name = try pair.node.text("the default for '\(pair.key)'")
            guard names.contains(name) else {
                throw .malformed(line: pair.node.line, problem: "there is no model '\(name)'")
            }
            defaults[pair.key] = name
        }
        self.init(entries: entries, defaults: defaults)
    }
}

extension ModelManifest.Entry {
    /// What the file says for people and other servers.
    private static let unused: Set<String> = ["backend", "size", "quantization", "use_cases", "download"]

    fileprivate init(_ pair: YAMLNode.Pair) throws(ModelManifestError) {
        let fields = try ManifestFields(
            pair.node, of: "model '\(pair.key)'",
            known: [
                "path", "description", "aliases", "max_context", "max_sequences", "kv_type", "kv_cache_memory",
            ], unused: Self.unused)
        guard let path = try fields.text("path"), !path.isEmpty else {
            throw .malformed(line: pair.node.line, problem: "model '\(pair.key)' has no 'path'")
        }
        self.init(name: pair.key, path: path)
        description = try fields.text("description") ?? ""
        aliases = try fields.texts("aliases")
        loading.maxContext = try fields.text("max_context")
        loading.maxSequences = try fields.text("max_sequences")
        loading.kvType = try fields.text("kv_type")
        loading.kvCacheMemory = try fields.text("kv_cache_memory")
    }
}

/// The keys of one mapping, of which each means something.
private struct ManifestFields {
    private let nodes: [String: YAMLNode]

    init(
        _ node: YAMLNode, of owner: String, known: Set<String>, unused: Set<String>
    ) throws(ModelManifestError) {
        guard case .mapping(let pairs) = node.value else {
            throw .malformed(line: node.line, problem: "\(owner) must be a mapping of keys to values")
        }
        for pair in pairs where !known.contains(pair.key) && !unused.contains(pair.key) {
            throw .malformed(
                line: pair.node.line,
                problem: "\(owner) has no '\(pair.key)'; there are \(known.sorted().joined(separator: ", "))")
        }
        nodes = Dictionary(uniqueKeysWithValues: pairs.map { ($0.key, $0.node) })
    }

    func mapping(_ key: String) throws(ModelManifestError) -> [YAMLNode.Pair] {
        guard let node = nodes[key] else { return [] }
        switch node.value {
        case .null: return []
        case .mapping(let pairs): return pairs
        default: throw .malformed(line: node.line, problem: "'\(key)' must be a mapping of names to values")
        }
    }

    func text(_ key: String) throws(ModelManifestError) -> String? {
        guard let node = nodes[key], node.value != .null else { return nil }
        return try node.text("'\(key)'")
    }

    func texts(_ key: String) throws(ModelManifestError) -> [String] {
        guard let node = nodes[key], node.value != .null else { return [] }
        guard case .sequence(let entries) = node.value else {
            throw .malformed(line: node.line, problem: "'\(key)' must be a list")
        }
        var texts: [String] = []
        for entry in entries { texts.append(try entry.text("an entry of '\(key)'")) }
        return texts
    }
}

extension YAMLNode {
    fileprivate func text(_ what: String) throws(ModelManifestError) -> String {
        guard case .text(let text, _) = value else {
            throw .malformed(line: line, problem: "\(what) must be a text")
        }
        return text
    }
}

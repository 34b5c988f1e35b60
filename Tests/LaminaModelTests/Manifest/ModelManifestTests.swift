import LaminaModel
import Testing

struct ModelManifestTests {
    private static let installation = """
        # Of the first server, with what it said about its own work.
        models:
          llama3.2-1b-q4_k_m:
            path: llama-3.2-1b.gguf
            backend: llama.cpp
            size: 0.8GB
            description: "Small: answers fast"
            quantization: Q4_K_M
            use_cases: [conversational, quick]
            download:
              huggingface:
                repo_id: owner/repository
                filename: llama-3.2-1b.gguf
          llama3-8b-q4_k_m:
            path: /models/llama-3-8b.gguf
            aliases: [large]
            max_context: 8192
            max_sequences: 4
            kv_type: q8_0
            kv_cache_memory: 4G
        categories:
          fast: [llama3.2-1b-q4_k_m]
        backends:
          llama.cpp:
            executable: llama-server
        defaults:
          conversational: large
          analytical: llama3-8b-q4_k_m
        """

    @Test func `Reads the manifest of the first server, and how models are loaded`() throws {
        let manifest = try ModelManifest(parsing: Self.installation)
        #expect(manifest.entries.map(\.name) == ["llama3.2-1b-q4_k_m", "llama3-8b-q4_k_m"])
        #expect(manifest.entries[0].description == "Small: answers fast")
        #expect(manifest.entries[0].loading == .init())
        let large = try #require(manifest.entry(named: "large"))
        #expect(large.path == "/models/llama-3-8b.gguf" && large.aliases == ["large"])
        #expect(large.loading.maxContext == "8192" && large.loading.maxSequences == "4")
        #expect(large.loading.kvType == "q8_0" && large.loading.kvCacheMemory == "4G")
        #expect(manifest.entry(named: "huge") == nil)
        #expect(try manifest.defaultEntry() == large)
    }

    @Test func `Serves the only model, and asks which of several`() throws {
        let only = try ModelManifest(parsing: "models:\n  a:\n    path: a.gguf")
        #expect(try only.defaultEntry().name == "a")
        let several = try ModelManifest(parsing: "models:\n  a:\n    path: a.gguf\n  b:\n    path: b.gguf")
        #expect(throws: ModelManifestError.noDefault(names: ["a", "b"])) { try several.defaultEntry() }
    }

    @Test(arguments: [
        ("", "no model"), ("models:", "no model"), ("models: {}", "braces"), ("models: []", "mapping"),
        ("models:\n  a: a.gguf", "line 2: model 'a' must be a mapping"), ("models:\n  a:\n    size: 1", "no 'path'"),
        ("models:\n  a:\n    path: a\n    contxt: 1", "line 4: model 'a' has no 'contxt'; there are aliases,"),
        ("model:\n  a:\n    path: a", "the manifest has no 'model'"),
        ("models:\n  a:\n    path: [a]", "must be a text"),
        ("models:\n  a:\n    path: a\n    aliases: b", "must be a list"),
        ("models:\n  a:\n    path: a\n  b:\n    path: b\n    aliases: [a]", "taken by another"),
        ("models:\n  a:\n    path: a\ndefaults:\n  conversational: b", "line 5: there is no model 'b'"),
        ("models:\n  a:\n    path: a\n  a:\n    path: b", "comes twice"), ("- a", "must be a mapping"),
    ])
    func `Refuses what is no manifest, with the line`(document: String, problem: String) {
        let error = #expect(throws: ModelManifestError.self) { try ModelManifest(parsing: document) }
        #expect(error.map { "\($0)" }?.contains(problem) == true, "\(error.map { "\($0)" } ?? "read")")
    }
}

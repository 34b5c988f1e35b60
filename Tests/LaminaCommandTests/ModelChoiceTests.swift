import ArgumentParser
import FoundationEssentials
import LaminaEngine
import LaminaKernels
import LaminaServer
import Testing

@testable import lamina_llm_serve

/// Which model is served, by option, environment and manifest.
struct ModelChoiceTests {
    private static let manifest = """
        models:
          small:
            path: small.gguf
            aliases: [chat]
            max_context: 512
            kv_type: q8_0
          large:
            path: /models/large.gguf
        defaults:
          conversational: small
        """

    private func withManifest(_ text: String = manifest, _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lamina-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appendingPathComponent("models.yaml").path
        try text.write(toFile: path, atomically: false, encoding: .utf8)
        try body(path)
    }

    private func choice(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ModelChoice {
        try ModelOptions.parse(arguments).choice(OptionReader(environment: environment))
    }

    @Test func `Serves the manifest's default, or the model of that name or alias`() throws {
        try withManifest { path in
            let folder = path.dropLast("models.yaml".count)
            let chosen = try choice(["--manifest", path])
            #expect(chosen.name == "small" && chosen.path == folder + "small.gguf" && chosen.aliases == ["chat"])
            #expect(try choice(["--model", "chat"], ["LAMINA_MANIFEST": path]).name == "small")
            let large = try choice(["--manifest", path], ["LAMINA_MODEL": "large"])
            #expect(large.path == "/models/large.gguf" && large.settings.isEmpty)
        }
    }

    @Test func `A file that is there needs no entry`() throws {
        try withManifest { path in
            let chosen = try choice(["--manifest", path, "--model", path])
            #expect(chosen.path == path && chosen.name == nil)
        }
    }

    @Test func `Names the models there are where another is asked for`() throws {
        try withManifest { path in
            let error = #expect(throws: (any Error).self) { try choice(["--manifest", path, "--model", "huge"]) }
            #expect(error.map { "\($0)" }?.contains("'huge' is neither a file nor a model of \(path)") == true)
            #expect(error.map { "\($0)" }?.contains("small, large") == true)
        }
        try withManifest("models:\n  a: b") { path in
            let error = #expect(throws: ModelManifestFileError.self) { try choice(["--manifest", path]) }
            #expect(error?.description.hasPrefix("\(path), line 2: ") == true)
        }
        #expect(throws: ModelManifestFileError.self) { try choice(["--manifest", "/nowhere/models.yaml"]) }
    }

    @Test func `Options and variables win over what the manifest says of loading`() throws {
        try withManifest { path in
            let settings = try choice(["--manifest", path]).settings
            func loading(_ arguments: [String], _ environment: [String: String]) throws -> MemoryPlan.Wishes {
                var options = ServedModel.Options()
                let read = OptionReader(environment: environment).fallingBack(on: settings)
                try LoadingOptions.parse(arguments).apply(to: &options, read)
                return options.memory
            }
            let own = try loading([], [:])
            #expect(own.contextLength == 512 && own.cacheType.rawValue == "q8_0")
            let others = try loading(["--kv-type", "f16"], ["LAMINA_MAX_CONTEXT": "256"])
            #expect(others.contextLength == 256 && others.cacheType.rawValue == "f16")
        }
    }

    @Test func `Names the model whose setting in the manifest is wrong`() throws {
        try withManifest("models:\n  a:\n    path: a.gguf\n    max_context: many") { path in
            let settings = try choice(["--manifest", path]).settings
            var options = ServedModel.Options()
            let error = #expect(throws: (any Error).self) {
                let read = OptionReader(environment: [:]).fallingBack(on: settings)
                try LoadingOptions.parse([]).apply(to: &options, read)
            }
            #expect(error.map { "\($0)" }?.contains("'max_context' of model 'a' must be 16 to") == true)
        }
    }
}

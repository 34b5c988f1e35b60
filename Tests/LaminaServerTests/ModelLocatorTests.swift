import Foundation
import Testing

@testable import LaminaServer

struct ModelLocatorTests {
    @Test func `Looks in the named folder, beside the binary, and where it is installed`() {
        let executable = "/usr/local/bin/lamina-llm-serve"
        #expect(
            ModelLocator.folders(modelsFolder: nil, executable: executable)
                == ["/usr/local/bin", "/usr/local/bin/models", "/usr/local/share/lamina/models"])
        #expect(ModelLocator.folders(modelsFolder: "/m", executable: executable) == ["/m"])
    }

    @Test func `Finds the checkout's models from a build folder`() throws {
        let root = FileManager.default.temporaryDirectory.appending(path: "lamina-\(UUID())")
        let build = root.appending(path: ".build/x86_64/release")
        try FileManager.default.createDirectory(at: build, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: root) }
        let models = root.appending(path: "models")
        try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
        try Data().write(to: root.appending(path: "Package.swift"))
        let model = models.appending(path: ModelLocator.embeddedName)
        try Data("x".utf8).write(to: model)
        let folders = ModelLocator.folders(
            modelsFolder: nil, executable: build.appending(path: "lamina-llm-serve").path)
        #expect(try ModelLocator.embedded(in: folders) == model.path)
    }

    @Test func `Says where it looked`() {
        #expect(throws: NoModelFound.self) { try ModelLocator.embedded(in: ["/nowhere", "/neither"]) }
        #expect(NoModelFound(folders: ["/nowhere"]).description.contains("/nowhere"))
    }

    @Test func `Names a model by its file`() {
        #expect(ModelLocator.name(ofFile: "/a/b/llama-3.gguf") == "llama-3")
        #expect(ModelLocator.name(ofFile: "model.bin") == "model.bin")
    }
}

import LaminaModel

/// A manifest of models: what is accepted means something, and every default names a model.
enum ManifestTarget {
    static func check(_ bytes: [UInt8]) {
        guard let text = String(validating: bytes, as: UTF8.self) else { return }
        let manifest: ModelManifest
        do throws(ModelManifestError) {
            manifest = try ModelManifest(parsing: text)
        } catch {
            expect(!error.description.isEmpty, "a refusal without a reason")
            return
        }
        expect(!manifest.entries.isEmpty, "a manifest without models")
        for entry in manifest.entries {
            expect(!entry.path.isEmpty, "'\(entry.name)' has no path")
            for name in [entry.name] + entry.aliases {
                expect(manifest.entry(named: name) == entry, "'\(name)' is another model")
            }
        }
        for name in manifest.defaults.values { expect(manifest.entry(named: name) != nil, "no model '\(name)'") }
        if manifest.entries.count == 1 {
            expect((try? manifest.defaultEntry()) == manifest.entries[0], "the only model is not the default")
        }
    }
}

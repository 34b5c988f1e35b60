package import LaminaModel

/// A manifest (`models.yaml`) and where it lies.
package struct ModelManifestFile: Sendable {
    /// What it lists.
    package let manifest: ModelManifest
    /// Where it was read.
    package let path: String

    private static let limitBytes = 1 << 20

    /// Reads it.
    ///
    /// - Throws: `ModelManifestFileError`.
    package init(path: String) throws(ModelManifestFileError) {
        let contents: BoundedFile
        do throws(BoundedFileError) {
            contents = try BoundedFile(path: path, limitBytes: Self.limitBytes)
        } catch {
            throw ModelManifestFileError("\(error)")
        }
        guard let text = String(validating: contents.bytes, as: UTF8.self) else {
            throw ModelManifestFileError("\(path) is not UTF-8 text")
        }
        do throws(ModelManifestError) {
            manifest = try ModelManifest(parsing: text)
        } catch {
            throw ModelManifestFileError("\(path), \(error)")
        }
        self.path = path
    }

    /// What is served where no model is named.
    ///
    /// - Throws: `ModelManifestFileError` where the manifest does not say which.
    package func defaultEntry() throws(ModelManifestFileError) -> ModelManifest.Entry {
        do throws(ModelManifestError) {
            return try manifest.defaultEntry()
        } catch {
            throw ModelManifestFileError("\(path): \(error)")
        }
    }

    /// Where a model's file is; relative paths begin at the manifest's folder.
    package func path(of entry: ModelManifest.Entry) -> String {
        guard !entry.path.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return entry.path }
        return path[...slash] + entry.path
    }
}

/// Why a manifest cannot be read, with its path.
package struct ModelManifestFileError: Error, CustomStringConvertible {
    package let description: String

    init(_ description: String) { self.description = description }
}

/// Where the valid keys are written down.
package struct APIKeySource: Sendable {
    /// The environment variable with keys.
    package static let variable = "LAMINA_API_KEYS"

    /// A file, which may change.
    package struct File: Sendable {
        let path: String
        /// The option or variable that named it, for errors.
        let setting: String

        /// A file that a setting names.
        package init(path: String, setting: String) {
            self.path = path
            self.setting = setting
        }
    }

    /// The file of keys, where one is named.
    package var file: File?
    /// The value of the variable.
    package var environment: String?

    /// Nil where neither is given: then nobody needs a key.
    package init?(file: File?, environment: String?) {
        if file == nil && environment == nil { return nil }
        self.file = file
        self.environment = environment
    }

    /// Reads all keys anew.
    /// - Returns: the keys, and whether users other than the file's owner and group may read it.
    func read() throws(APIKeyError) -> (keys: APIKeySet, isExposed: Bool) {
        var entries: [APIKeySet.Entry] = []
        var isExposed = false
        if let file {
            let contents: BoundedFile
            do throws(BoundedFileError) {
                contents = try BoundedFile(path: file.path, limitBytes: APIKeyLimits.fileBytes)
            } catch {
                throw .unreadable(setting: file.setting, error)
            }
            guard let text = String(validating: contents.bytes, as: UTF8.self) else { throw .notText(path: file.path) }
            entries += try APIKeyList(parsing: text, from: .file(path: file.path)).entries
            isExposed = contents.isReadableByOthers
        }
        if let environment {
            entries += try APIKeyList(parsing: environment, from: .environment(variable: Self.variable)).entries
        }
        return (APIKeySet(entries), isExposed)
    }
}

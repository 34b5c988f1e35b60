/// Where the valid keys are written down.
package struct APIKeySource: Sendable {
    /// The environment variable with keys.
    package static let variable = "LAMINA_API_KEYS"

    /// A file, which may change.
    package var file: String?
    /// The value of the variable.
    package var environment: String?

    /// Nil where neither is given: then nobody needs a key.
    package init?(file: String?, environment: String?) {
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
                contents = try BoundedFile(path: file, limitBytes: APIKeyLimits.fileBytes)
            } catch {
                throw .unreadable(error)
            }
            guard let text = String(validating: contents.bytes, as: UTF8.self) else { throw .notText(path: file) }
            entries += try APIKeyList(parsing: text, from: .file(path: file)).entries
            isExposed = contents.isReadableByOthers
        }
        if let environment {
            entries += try APIKeyList(parsing: environment, from: .environment(variable: Self.variable)).entries
        }
        return (APIKeySet(entries), isExposed)
    }
}

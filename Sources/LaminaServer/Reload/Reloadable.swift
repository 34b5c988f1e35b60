/// Something that was read from files and can be read from them again.
package struct Reloadable: Sendable {
    /// What it is, for the log, as in "API keys".
    package let name: String
    /// The files.
    package let paths: [String]
    /// What the files were like just before they were first read.
    package let loaded: [FileFingerprint?]
    /// Reads them and puts what they say into force, all or nothing. Returns what there is now, in words.
    package let reload: @Sendable () throws -> String

    /// - Parameter reload: throws an error that says which file is wrong and where; what was in force before must stay so.
    package init(
        name: String, paths: [String], loaded: [FileFingerprint?], reload: @escaping @Sendable () throws -> String
    ) {
        self.name = name
        self.paths = paths
        self.loaded = loaded
        self.reload = reload
    }
}

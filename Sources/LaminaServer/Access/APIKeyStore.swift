import HTTPTypes
import LaminaHTTP
import Logging
import Synchronization

/// The keys that are valid, exchanged as a whole when their file changes.
final class APIKeyStore: Sendable {
    private let source: APIKeySource
    private let current: Mutex<APIKeySet>
    private let firstFingerprints: [FileFingerprint?]
    private let logger: Logger

    /// Reads the keys.
    /// - Throws: `APIKeyError`.
    init(_ source: APIKeySource, logger: Logger) throws {
        self.source = source
        self.logger = logger
        // Before the file is read: what changes from here on is noticed.
        firstFingerprints = FileFingerprint.of(source.paths)
        current = Mutex(APIKeySet([]))
        _ = try reload()
    }

    /// Whose key a request carries; nil where it has none that is valid.
    func name(for request: IncomingRequest) -> String? {
        let presented = PresentedKeys(request.head.headerFields)
        guard !presented.keys.isEmpty else { return nil }
        let keys = current.withLock { $0 }
        var found: String?
        for key in presented.keys { found = keys.name(ofKey: key) ?? found }
        return found
    }

    /// Reads the file again when it has changed; nil where the keys come from the environment alone.
    var reloadable: Reloadable? {
        guard !source.paths.isEmpty else { return nil }
        return Reloadable(name: "API keys", paths: source.paths, loaded: firstFingerprints) { try self.reload() }
    }

    /// - Returns: what there is now, in words.
    private func reload() throws -> String {
        let (keys, isExposed) = try source.read()
        current.withLock { $0 = keys }
        if isExposed, let path = source.file?.path {
            logger.warning(
                "the file of API keys can be read by every user of this machine", metadata: ["path": "\(path)"])
        }
        return "\(keys.count) keys"
    }
}

extension APIKeySource {
    /// The files to watch.
    fileprivate var paths: [String] { file.map { [$0.path] } ?? [] }
}

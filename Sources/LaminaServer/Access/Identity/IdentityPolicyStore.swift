import LaminaHTTP
import Logging
import Synchronization

/// The policy that is in force, exchanged as a whole when its file changes.
final class IdentityPolicyStore: Sendable {
    private let allowed: [IdentityPattern]
    private let path: String?
    private let routes: [String]
    private let current = Mutex(IdentityPolicy())
    private let firstFingerprints: [FileFingerprint?]

    /// Reads the file, if there is one.
    /// - Parameters:
    ///   - allowed: who may use everything that the file has no narrower rule about.
    ///   - routes: the patterns there are.
    /// - Throws: `IdentityPolicyError`.
    init(allowed: [IdentityPattern], path: String?, routes: [String]) throws {
        self.allowed = allowed
        self.path = path
        self.routes = routes
        // Before the file is read: what changes from here on is noticed.
        firstFingerprints = FileFingerprint.of(path.map { [$0] } ?? [])
        _ = try reload()
    }

    var policy: IdentityPolicy { current.withLock { $0 } }

    /// Reads the file again when it has changed; nil where there is none.
    var reloadable: Reloadable? {
        guard let path else { return nil }
        return Reloadable(name: "identity policy", paths: [path], loaded: firstFingerprints) { try self.reload() }
    }

    /// - Returns: what there is now, in words.
    private func reload() throws -> String {
        var policy = try path.map { try Self.read($0, routes: routes) } ?? IdentityPolicy()
        if !allowed.isEmpty { policy.admit(.init(patterns: allowed), to: .all) }
        current.withLock { $0 = policy }
        return "\(policy.rules.count) rules"
    }

    private static func read(_ path: String, routes: [String]) throws(IdentityPolicyError) -> IdentityPolicy {
        let contents: BoundedFile
        do throws(BoundedFileError) {
            contents = try BoundedFile(path: path, limitBytes: IdentityPolicyLimits.fileBytes)
        } catch {
            throw .unreadable(error)
        }
        guard let text = String(validating: contents.bytes, as: UTF8.self) else { throw .notText(path: path) }
        return try IdentityPolicyFile(parsing: text, path: path, routes: routes).policy
    }
}

import Foundation
import HTTPTypes
import LaminaHTTP
import LaminaTelemetry
import Logging
import Synchronization
import Testing

@testable import LaminaServer

/// A folder of its own, removed afterwards.
private final class Folder: Sendable {
    let path = FileManager.default.temporaryDirectory.appending(path: "lamina-reload-\(UUID())").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
        return "\(path)/\(name)"
    }
}

struct ReloaderTests {
    private let log = LogFile()
    private let registry = MetricsRegistry()
    private let metrics: ReloadMetrics
    private let folder: Folder

    init() throws {
        folder = try Folder()
        metrics = try ReloadMetrics(registry)
    }

    private func store(_ path: String) throws -> APIKeyStore {
        let file = APIKeySource.File(path: path, setting: "--api-key-file")
        return try APIKeyStore(try #require(APIKeySource(file: file, environment: nil)), logger: log.logger)
    }

    private func reloader(_ store: APIKeyStore) throws -> Reloader {
        Reloader([try #require(store.reloadable)], interval: .milliseconds(10), metrics: metrics, logger: log.logger)
    }

    private func accepts(_ store: APIKeyStore, _ key: String) throws -> Bool {
        store.name(for: try IncomingRequest(method: .get, target: "/", fields: [.apiKey: key])) != nil
    }

    @Test func `Reads a file that has changed once it is at rest, and only then`() async throws {
        let store = try store(folder.write("keys", "old-key"))
        let reloader = try reloader(store)
        await reloader.poll()
        #expect(!log.text.contains("reloaded"))
        try folder.write("keys", "new-key-1")
        await reloader.poll()
        #expect(try accepts(store, "old-key"), "it may still be being written")
        try folder.write("keys", "new-key-1\nnew-key-22")
        await reloader.poll()
        #expect(try accepts(store, "old-key"))
        await reloader.poll()
        #expect(try !accepts(store, "old-key") && accepts(store, "new-key-1") && accepts(store, "new-key-22"))
        #expect(log.text.contains(#""message":"reloaded","now":"2 keys","what":"API keys""#), "\(log.text)")
    }

    @Test func `Notices the exchange of the folder a link points to`() async throws {
        for (name, key) in [("first", "old-key"), ("second", "new-key")] {
            try FileManager.default.createDirectory(atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
            try folder.write("\(name)/keys", key)
        }
        // As Kubernetes mounts a secret: keys -> ..data/keys, ..data -> a folder with a date.
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/..data", withDestinationPath: "first")
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/keys", withDestinationPath: "..data/keys")
        let store = try store("\(folder.path)/keys")
        let reloader = try reloader(store)
        try FileManager.default.createSymbolicLink(atPath: "\(folder.path)/..new", withDestinationPath: "second")
        #expect(rename("\(folder.path)/..new", "\(folder.path)/..data") == 0)
        await reloader.poll()
        await reloader.poll()
        #expect(try accepts(store, "new-key") && !accepts(store, "old-key"))
    }

    @Test func `Keeps what was loaded where the new is wrong, says where once, and takes the next`() async throws {
        let store = try store(folder.write("keys", "old-key"))
        let reloader = try reloader(store)
        try folder.write("keys", "new-key\nalice:my secret\n")
        for _ in 0..<5 { await reloader.poll() }
        #expect(try accepts(store, "old-key") && !accepts(store, "new-key"))
        #expect(log.text.components(separatedBy: "stays in force").count == 2)
        #expect(log.text.contains("/keys, line 2: ") && !log.text.contains("secret"))
        try FileManager.default.removeItem(atPath: "\(folder.path)/keys")
        for _ in 0..<3 { await reloader.poll() }
        #expect(try accepts(store, "old-key"))
        #expect(log.text.contains("--api-key-file: \(folder.path)/keys cannot be read: No such file"))
        try folder.write("keys", "newer-key")
        for _ in 0..<3 { await reloader.poll() }
        #expect(try accepts(store, "newer-key") && !accepts(store, "old-key"))
        let counts = registry.text(.prometheusText)
        #expect(counts.contains(#"lamina_reloads_total{what="API keys",result="failed"} 2"#), "\(counts)")
        #expect(counts.contains(#"lamina_reloads_total{what="API keys",result="ok"} 1"#))
    }

    @Test(.timeLimit(.minutes(1))) func `A signal reads everything at once`() async throws {
        let (done, sink) = AsyncStream<Void>.makeStream()
        let item = Reloadable(name: "a thing", paths: [], loaded: []) {
            sink.yield()
            return "new"
        }
        let (hangups, hangup) = AsyncStream<Void>.makeStream()
        let reloader = Reloader([item], interval: .seconds(3600), metrics: metrics, logger: log.logger)
        await withTaskGroup { group in
            group.addTask { await reloader.run(hangups: hangups) }
            hangup.yield()
            for await _ in done { break }
            group.cancelAll()
        }
    }

    @Test(.timeLimit(.minutes(1))) func `Polls by itself until cancelled`() async throws {
        let path = try folder.write("thing", "old")
        let (done, sink) = AsyncStream<Void>.makeStream()
        let item = Reloadable(name: "a thing", paths: [path], loaded: FileFingerprint.of([path])) {
            sink.yield()
            return "new"
        }
        let reloader = Reloader([item], interval: .milliseconds(5), metrics: metrics, logger: log.logger)
        await withTaskGroup { group in
            group.addTask { await reloader.run(hangups: AsyncStream { _ in }) }
            _ = try? folder.write("thing", "newer")
            for await _ in done { break }
            group.cancelAll()
        }
    }

    @Test func `Refuses folders, pipes, missing and large files without waiting`() throws {
        #expect(throws: BoundedFileError.notAFile(path: folder.path)) {
            try BoundedFile(path: folder.path, limitBytes: 10)
        }
        let pipe = "\(folder.path)/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        #expect(throws: BoundedFileError.notAFile(path: pipe)) { try BoundedFile(path: pipe, limitBytes: 10) }
        #expect(throws: BoundedFileError.unreadable(path: "/no/file", errno: ENOENT)) {
            try BoundedFile(path: "/no/file", limitBytes: 10)
        }
        let path = try folder.write("large", "12345678901")
        #expect(throws: BoundedFileError.tooLarge(path: path, limitBytes: 10)) {
            try BoundedFile(path: path, limitBytes: 10)
        }
        #expect(try BoundedFile(path: path, limitBytes: 11).bytes.count == 11)
    }

    @Test func `Warns of a file that everybody can read, and refuses one that is wrong`() throws {
        let path = try folder.write("keys", "some-key")
        chmod(path, 0o640)
        _ = try store(path)
        #expect(!log.text.contains("every user"))
        chmod(path, 0o644)
        _ = try store(path)
        #expect(log.text.contains("every user"))
        #expect(throws: APIKeyError.noKeys(.file(path: path))) { try store(folder.write("keys", "")) }
        #expect(throws: APIKeyError.self) { try store("\(folder.path)/none") }
        try Data([0xFF, 0xFE, 0x00]).write(to: URL(filePath: path))
        #expect(throws: APIKeyError.notText(path: path)) { try store(path) }
    }
}

import Glibc
import Synchronization
import Testing

@testable import LaminaHTTP

/// A server of one file, with ranges, that fails as a test says.
final class FileServer: Sendable {
    /// What a request gets instead of the rest of the file.
    enum Trouble: Sendable {
        /// The connection ends after so many bytes of the body.
        case cut(after: Int)
        /// Another response.
        case answer(String)
        /// The whole file, whatever range is asked for.
        case ignoresRange
    }

    private struct State {
        var content: [UInt8]
        var tag: String?
        var troubles: [Trouble]
        var heads: [String] = []
    }

    private let state: Mutex<State>

    init(_ content: [UInt8], tag: String? = "\"v1\"", troubles: [Trouble] = []) {
        state = Mutex(State(content: content, tag: tag, troubles: troubles))
    }

    /// Bytes without a pattern that a wrong offset could hide behind.
    static func content(_ count: Int) -> [UInt8] {
        var value: UInt64 = 88_172_645_463_325_252
        return (0..<count).map { _ in
            value ^= value << 13
            value ^= value >> 7
            value ^= value << 17
            return UInt8(truncatingIfNeeded: value)
        }
    }

    /// The heads of all requests so far.
    var heads: [String] { state.withLock(\.heads) }

    /// The values of their Range fields.
    var ranges: [String?] {
        heads.map { head in
            head.split(separator: "\r\n").first { $0.hasPrefix("Range: ") }.map { String($0.dropFirst(7)) }
        }
    }

    func replace(_ content: [UInt8], tag: String?) {
        state.withLock {
            $0.content = content
            $0.tag = tag
        }
    }

    func serve(_ connection: RawServer.Connection) async throws {
        while true {
            let head = try await connection.readHead()
            if head.isEmpty { return }
            let (bytes, staysOpen) = response(to: head)
            try await connection.socket.write(bytes, timeout: TestClient.patience)
            if !staysOpen { return }
        }
    }

    private func response(to head: String) -> ([UInt8], staysOpen: Bool) {
        state.withLock { state in
            state.heads.append(head)
            let trouble = state.troubles.isEmpty ? nil : state.troubles.removeFirst()
            if case .answer(let text) = trouble { return (Array(text.utf8), true) }
            let tag = state.tag.map { "ETag: \($0)\r\n" } ?? ""
            var first = 0
            if case .ignoresRange = trouble {
            } else if let begin = head.firstRange(of: "Range: bytes=")?.upperBound,
                state.tag.map({ head.contains("If-Range: \($0)\r\n") }) ?? false
            {
                first = Int(head[begin...].prefix { $0 != "-" }) ?? 0
            }
            let total = state.content.count
            guard first < total || first == 0 else {
                return (
                    Array("HTTP/1.1 416 No\r\nContent-Range: bytes */\(total)\r\nContent-Length: 0\r\n\r\n".utf8), true
                )
            }
            let status = first == 0 ? "200 OK" : "206 Part\r\nContent-Range: bytes \(first)-\(total - 1)/\(total)"
            var bytes = Array("HTTP/1.1 \(status)\r\n\(tag)Content-Length: \(total - first)\r\n\r\n".utf8)
            if case .cut(let count) = trouble { return (bytes + state.content[first...].prefix(count), false) }
            bytes += state.content[first...]
            return (bytes, true)
        }
    }
}

/// An empty directory for a test.
struct ScratchDirectory: ~Copyable {
    let path: String

    init() throws {
        var template = Array("/tmp/lamina-download-XXXXXX".utf8CString)
        let made = try #require(mkdtemp(&template))
        path = String(cString: made)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// What is in it, sorted.
    var names: [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    func read(_ name: String) -> [UInt8]? {
        let descriptor = open("\(path)/\(name)", O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { Glibc.close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return bytes
    }

    func write(_ name: String, _ bytes: [UInt8]) {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        _ = Glibc.write(descriptor, bytes, bytes.count)
        Glibc.close(descriptor)
    }
}

import Dispatch
import Glibc

/// The unfinished file of a download, beside its destination: `NAME.part`, and `NAME.part.state`, which says how much of it is
/// known to be on disk and of which version of the file. One process at a time.
///
/// Its calls block, so they run on a queue of its own and not on the tasks' threads. One task uses it.
final class PartFile: Sendable {
    let destination: String
    private let descriptor: Int32
    private let queue = DispatchQueue(label: "lamina.http.download")

    private var path: String { Self.path(destination) }
    private var statePath: String { "\(path).state" }

    private init(destination: String, descriptor: Int32) {
        self.destination = destination
        self.descriptor = descriptor
    }

    /// Opens or makes the file, and locks it.
    ///
    /// - Throws: `DownloadError`: `inUse` or `file`.
    static func open(destination: String) async throws(DownloadError) -> PartFile {
        let descriptor = try await perform(on: .global()) { () throws(DownloadError) in try locked(destination) }
        return PartFile(destination: destination, descriptor: descriptor)
    }

    /// Closes it, which gives the lock up.
    func close() { _ = Glibc.close(descriptor) }

    /// What an earlier download left; nil where it left nothing that can be used.
    func savedState() async throws(DownloadError) -> DownloadState? {
        try await perform { () throws(DownloadError) in
            guard let text = Self.contents(self.statePath, limitBytes: DownloadState.limitBytes),
                let state = DownloadState(text), try self.length() >= state.bytes
            else { return nil }
            return state
        }
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: [UInt8], at offset: Int) async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes {
                    pwrite(self.descriptor, $0.baseAddress, $0.count, off_t(offset + written))
                }
                if count >= 0 { written += count } else if errno != EINTR { throw self.failure(errno) }
            }
        }
    }

    /// Up to that many bytes from an offset; empty at the end.
    func read(_ count: Int, at offset: Int) async throws(DownloadError) -> [UInt8] {
        try await perform { () throws(DownloadError) in
            var bytes = [UInt8](repeating: 0, count: count)
            while true {
                let read = pread(self.descriptor, &bytes, count, off_t(offset))
                if read >= 0 { return Array(bytes[..<read]) }
                if errno != EINTR { throw self.failure(errno) }
            }
        }
    }

    /// Cuts the file off, and forgets what was known of it where nothing is left.
    func truncate(to bytes: Int) async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            if bytes == 0 { unlink(self.statePath) }
            guard try self.length() != bytes else { return }
            guard ftruncate(self.descriptor, off_t(bytes)) == 0 else { throw self.failure(errno) }
        }
    }

    /// Brings everything written so far to disk, and then the state that says so.
    func save(_ state: DownloadState) async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            guard fdatasync(self.descriptor) == 0 else { throw self.failure(errno) }
            try Self.replace(self.statePath, with: state.text)
        }
    }

    /// Checks that there is room for more bytes.
    ///
    /// - Throws: `DownloadError.diskFull`.
    func requireRoom(for bytes: Int) async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            var status = statvfs()
            guard fstatvfs(self.descriptor, &status) == 0 else { return }
            let free = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(clamping: status.f_frsize))
            // What a file system does not know it gives as zero blocks.
            guard status.f_blocks > 0, !free.overflow, free.partialValue < bytes else { return }
            throw .diskFull(path: self.destination, missingBytes: bytes - free.partialValue)
        }
    }

    /// Puts the file in the destination's place, so that a crash at any moment leaves either the old or the new one.
    func finish() async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            guard fsync(self.descriptor) == 0 else { throw self.failure(errno) }
            guard rename(self.path, self.destination) == 0 else { throw self.failure(errno) }
            unlink(self.statePath)
            let directory = self.destination.lastIndex(of: "/").map { String(self.destination[...$0]) } ?? "."
            let opened = Glibc.open(directory, O_RDONLY | O_CLOEXEC)
            guard opened >= 0 else { throw .file(path: directory, reason: SocketError.reason(errno)) }
            defer { _ = Glibc.close(opened) }
            // Some file systems cannot sync a directory, and need not.
            guard fsync(opened) == 0 || errno == EINVAL else {
                throw .file(path: directory, reason: SocketError.reason(errno))
            }
        }
    }

    /// Removes both files.
    func remove() async throws(DownloadError) {
        try await perform { () throws(DownloadError) in
            unlink(self.statePath)
            guard unlink(self.path) == 0 || errno == ENOENT else { throw self.failure(errno) }
        }
    }
}

extension PartFile {
    private static func path(_ destination: String) -> String { "\(destination).part" }

    /// A locked descriptor of the file that has the name: another process may have finished and renamed it just before.
    private static func locked(_ destination: String) throws(DownloadError) -> Int32 {
        let path = path(destination)
        for _ in 0..<8 {
            let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw .file(path: path, reason: SocketError.reason(errno)) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let number = errno
                _ = Glibc.close(descriptor)
                if number == EWOULDBLOCK { throw .inUse(path: destination) }
                throw .file(path: path, reason: SocketError.reason(number))
            }
            var opened = stat()
            var named = stat()
            if fstat(descriptor, &opened) == 0, stat(path, &named) == 0, opened.st_ino == named.st_ino {
                return descriptor
            }
            _ = Glibc.close(descriptor)
        }
        throw .inUse(path: destination)
    }

    private func length() throws(DownloadError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure(errno) }
        return Int(status.st_size)
    }

    private func failure(_ number: Int32) -> DownloadError {
        switch number {
        case ENOSPC, EDQUOT: .diskFull(path: destination, missingBytes: nil)
        default: .file(path: path, reason: SocketError.reason(number))
        }
    }

    private static func contents(_ path: String, limitBytes: Int) -> String? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = Glibc.close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limitBytes)
        let count = Glibc.read(descriptor, &bytes, bytes.count)
        return count >= 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }

    private static func replace(_ path: String, with text: String) throws(DownloadError) {
        let bytes = Array(text.utf8)
        let temporary = "\(path).new"
        let descriptor = Glibc.open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw .file(path: temporary, reason: SocketError.reason(errno)) }
        let written = Glibc.write(descriptor, bytes, bytes.count)
        let number = errno
        _ = Glibc.close(descriptor)
        guard written == bytes.count, rename(temporary, path) == 0 else {
            unlink(temporary)
            throw written < 0 && number != ENOSPC
                ? .file(path: path, reason: SocketError.reason(number)) : .diskFull(path: path, missingBytes: nil)
        }
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable () throws(DownloadError) -> Value
    ) async throws(DownloadError) -> Value {
        try await Self.perform(on: queue, body)
    }

    private static func perform<Value: Sendable>(
        on queue: DispatchQueue, _ body: @escaping @Sendable () throws(DownloadError) -> Value
    ) async throws(DownloadError) -> Value {
        let result: Result<Value, DownloadError> = await withCheckedContinuation { continuation in
            queue.async { @Sendable in
                continuation.resume(returning: Result { () throws(DownloadError) in try body() })
            }
        }
        return try result.get()
    }
}

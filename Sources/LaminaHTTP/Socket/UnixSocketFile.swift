// The file of a listening Unix-domain socket. The kernel leaves it behind when a server dies, and refuses to bind to a path
// that exists: so a socket file on which nobody answers is removed before binding, and nothing else ever is.

import Glibc

/// The path a Unix-domain socket is bound to.
struct UnixSocketFile: Sendable, Equatable {
    let path: String
    /// Tells the file from one that took its place.
    private let device: UInt
    private let inode: UInt

    /// Bytes of the longest path: `sun_path` with its terminating zero (unix(7)).
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Binds a socket to a new file with these permissions. A socket file whose server is dead is replaced.
    ///
    /// - Throws: `SocketError.cannotListen`.
    static func bind(_ descriptor: Int32, path: String, permissions: UInt32) throws(SocketError) -> UnixSocketFile {
        try removeStale(path)
        // Linux takes the mode of the new file from the socket, so that nobody else gets in before chmod below.
        _ = fchmod(descriptor, permissions)
        let result = try withAddress(of: path) { Glibc.bind(descriptor, $0, $1) == 0 ? 0 : errno }
        guard result == 0 else {
            throw refusal(path, SocketError.reason(result), "choose another path, or make its folder writable")
        }
        _ = chmod(path, permissions)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw refusal(path, SocketError.reason(errno), "somebody removed the file at once")
        }
        return UnixSocketFile(path: path, device: UInt(status.st_dev), inode: UInt(status.st_ino))
    }

    /// Removes the file, unless another server's has taken its place.
    func remove() {
        var status = stat()
        guard lstat(path, &status) == 0, UInt(status.st_dev) == device, UInt(status.st_ino) == inode else { return }
        _ = unlink(path)
    }

    /// Hands over the socket address of a path.
    ///
    /// - Throws: `SocketError.cannotListen` where the path is empty, too long or contains NUL.
    static func withAddress<Result>(
        of path: String, _ use: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) throws(SocketError) -> Result {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, bytes.count <= longestPath, !bytes.contains(0) else {
            let reason =
                bytes.isEmpty
                ? "the path is empty" : "a socket's path has at most \(longestPath) bytes, this one \(bytes.count)"
            throw refusal(path, reason, "choose another path")
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func removeStale(_ path: String) throws(SocketError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw refusal(path, "the file exists and is no socket", "choose another path")
        }
        guard try !isAnswered(path) else {
            throw refusal(path, "a server listens there already", "stop it, or choose another path")
        }
        guard unlink(path) == 0 || errno == ENOENT else {
            throw refusal(
                path, "a dead server left the file behind and it cannot be removed: \(SocketError.reason(errno))",
                "remove it")
        }
    }

    /// Whether a server listens at a path. Does not wait: a full queue is a server too.
    private static func isAnswered(_ path: String) throws(SocketError) -> Bool {
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard probe >= 0 else { throw .system(call: "socket", errno: errno) }
        defer { _ = Glibc.close(probe) }
        SocketOption.setNonBlocking(probe)
        let result = try withAddress(of: path) { connect(probe, $0, $1) == 0 ? 0 : errno }
        return result != ECONNREFUSED && result != ENOENT
    }

    private static func refusal(_ path: String, _ reason: String, _ advice: String) -> SocketError {
        .cannotListen(address: "unix:\(path)", reason: reason, advice: advice)
    }
}

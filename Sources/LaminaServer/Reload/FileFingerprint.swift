import Glibc

/// What tells one state of a file from another. Symbolic links are followed: Kubernetes exchanges the files of a secret by
/// pointing a link at another folder.
package struct FileFingerprint: Equatable, Sendable {
    private let device: UInt
    private let inode: UInt
    private let sizeBytes: Int
    private let modified: [Int]  // seconds, nanoseconds
    private let changed: [Int]  // likewise; differs where a number of an inode is used again

    /// The state now; nil where there is no such file.
    package init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        sizeBytes = Int(status.st_size)
        modified = [status.st_mtim.tv_sec, status.st_mtim.tv_nsec]
        changed = [status.st_ctim.tv_sec, status.st_ctim.tv_nsec]
    }

    /// The states of several files.
    package static func of(_ paths: [String]) -> [FileFingerprint?] { paths.map { FileFingerprint(path: $0) } }
}

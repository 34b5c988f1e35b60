#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A regular file mapped read-only into memory for as long as the object lives.
///
/// The pages are the file's own: nothing is copied, and the kernel may drop and reload them. A file that another
/// process shortens while it is mapped ends this process with SIGBUS, so model files are replaced by renaming, never
/// rewritten in place.
///
/// `@unchecked Sendable` holds because the mapping is read-only, set once in `init` and released only in `deinit`.
final class MappedFile: @unchecked Sendable {
    /// The whole file.
    let bytes: UnsafeRawBufferPointer

    /// Maps the file at `path`.
    ///
    /// - Throws: ``GGUFError/unreadable(path:reason:)`` when it cannot be opened, is not a regular file or is empty.
    init(path: String) throws(GGUFError) {
        // O_NONBLOCK: opening a named pipe must not wait for a writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw .unreadable(path: path, reason: "cannot open the file: \(Self.systemError())")
        }
        defer { close(descriptor) }
        let size = try Self.regularFileSize(descriptor, path: path)
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw .unreadable(path: path, reason: "cannot map \(size) bytes into memory: \(Self.systemError())")
        }
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// Takes the whole pages of a range out of this process's resident memory; they stay in the page cache, and a later read brings
    /// them back.
    func releasePages(_ range: Range<Int>) {
        guard let base = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let start = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound == bytes.count ? bytes.count : range.upperBound / page * page
        guard start < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + start), end - start, MADV_DONTNEED)
    }

    private static func regularFileSize(_ descriptor: Int32, path: String) throws(GGUFError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw .unreadable(path: path, reason: "cannot read the file's size: \(systemError())")
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .unreadable(path: path, reason: "is a directory; name the GGUF file inside it")
        default: throw .unreadable(path: path, reason: "is not a regular file")
        }
        guard status.st_size > 0 else { throw .unreadable(path: path, reason: "the file is empty") }
        return Int(status.st_size)
    }

    private static func systemError() -> String {
        let code = errno
        return "\(String(cString: strerror(code))) (errno \(code))"
    }
}

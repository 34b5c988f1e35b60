import Glibc

/// A small file read as a whole.
struct BoundedFile {
    /// What is in it.
    let bytes: [UInt8]
    /// Whether users other than its owner and group may read it.
    let isReadableByOthers: Bool

    /// Opens and reads it. Never waits: pipes and devices are refused.
    init(path: String, limitBytes: Int) throws(BoundedFileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .unreadable(path: path, errno: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .unreadable(path: path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .notAFile(path: path) }
        isReadableByOthers = status.st_mode & S_IROTH != 0
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0 {
                guard errno == EINTR else { throw .unreadable(path: path, errno: errno) }
                continue
            }
            if count == 0 { break }
            bytes += buffer[..<count]
            if bytes.count > limitBytes { throw .tooLarge(path: path, limitBytes: limitBytes) }
        }
        self.bytes = bytes
    }
}

/// Why a file was not read.
enum BoundedFileError: Error, Equatable, CustomStringConvertible {
    /// The system refuses it.
    case unreadable(path: String, errno: Int32)
    /// A folder, pipe or device.
    case notAFile(path: String)
    /// Larger than what is sensible.
    case tooLarge(path: String, limitBytes: Int)

    var description: String {
        switch self {
        case .unreadable(let path, let number): "\(path) cannot be read: \(String(cString: strerror(number)))"
        case .notAFile(let path): "\(path) is not a regular file"
        case .tooLarge(let path, let limit): "\(path) is larger than \(limit) bytes"
        }
    }
}

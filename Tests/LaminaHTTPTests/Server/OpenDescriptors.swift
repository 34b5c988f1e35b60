import Glibc

@testable import LaminaHTTP

/// Descriptors of this process whose own or whose peer's port is this one; other tests' are not counted.
func openDescriptors(port: Int) -> Int {
    guard let directory = opendir("/proc/self/fd") else { return -1 }
    defer { closedir(directory) }
    var count = 0
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        guard let descriptor = Int32(name) else { continue }
        let ends = [
            SocketAddress.read { getsockname(descriptor, $0, $1) },
            SocketAddress.read { getpeername(descriptor, $0, $1) },
        ]
        if ends.contains(where: { $0?.port == port }) { count += 1 }
    }
    return count
}

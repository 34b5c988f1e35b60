import Glibc

/// The running binary.
enum Executable {
    /// Its path with links resolved, or the name it was started by.
    static var path: String {
        guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments.first ?? "" }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

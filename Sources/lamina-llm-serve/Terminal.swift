import Glibc

/// Standard output and error, unbuffered: streamed text shows as it comes.
enum Terminal {
    /// Whether a person is likely to be watching standard error.
    static var isErrorInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Writes to standard output; false where nobody reads it any more.
    @discardableResult
    static func write(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Writes to standard error.
    static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                guard errno == EINTR else { return false }
                continue
            }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

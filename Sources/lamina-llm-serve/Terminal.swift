import ArgumentParser
import Glibc

/// Standard output and error, unbuffered: streamed text shows as it comes.
enum Terminal {
    /// Whether a person is likely to be watching standard error.
    static var isErrorInteractive: Bool { isatty(STDERR_FILENO) == 1 }

    /// Columns of the terminal that shows standard output; 100 where it is none or does not say.
    static var outputWidth: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 100 }
        return Int(size.ws_col)
    }

    /// Writes to standard output.
    /// - Throws: `ExitCode` where nobody reads it any more (`| head`): nothing is left to say. `TerminalError` where it cannot be
    ///   written for another reason, such as a full disk.
    static func write(_ text: String) throws {
        guard let number = write(text, to: STDOUT_FILENO) else { return }
        throw number == EPIPE ? ExitCode.failure : TerminalError.notWritten(errno: number) as any Error
    }

    /// Writes to standard error.
    static func writeError(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// A bar that is filled to a share of 0...1.
    static func bar(_ share: Double) -> String {
        let width = 30
        let filled = Int(Double(width) * min(max(share, 0), 1))
        return String(repeating: "█", count: filled) + String(repeating: "░", count: width - filled)
    }

    /// Nil, or the error number.
    private static func write(_ text: String, to descriptor: Int32) -> Int32? {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                guard errno == EINTR else { return errno }
                continue
            }
            rest = rest.dropFirst(count)
        }
        return nil
    }
}

/// Why the terminal does not show what it should.
enum TerminalError: Error, CustomStringConvertible {
    /// The system refused to write.
    case notWritten(errno: Int32)

    var description: String {
        switch self {
        case .notWritten(let number): "cannot write standard output: \(String(cString: strerror(number)))"
        }
    }
}

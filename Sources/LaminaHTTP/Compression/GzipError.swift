/// Why gzip data cannot be written or read.
package enum GzipError: Error, Sendable, Equatable, CustomStringConvertible {
    /// zlib could not get the memory it needs, or is misused: our fault. `status` is zlib's.
    case unavailable(status: Int32)
    /// The data are not gzip, or a checksum is wrong.
    case corrupt(reason: String)
    /// The data end in the middle.
    case truncated
    /// The expanded data are larger than allowed.
    case tooLarge(limitBytes: Int)

    package var description: String {
        switch self {
        case .unavailable(let status): "zlib failed with status \(status)"
        case .corrupt(let reason): "the body is not valid gzip data: \(reason)"
        case .truncated: "the body's gzip data end too early"
        case .tooLarge(let limit): "the body is larger than \(limit) bytes when expanded"
        }
    }
}

import Glibc
import Testing

/// A pipe that is closed with the object.
final class Pipe: Sendable {
    let readEnd: Int32
    let writeEnd: Int32

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        (readEnd, writeEnd) = (ends[0], ends[1])
        try #require(fcntl(readEnd, F_SETFL, O_NONBLOCK) == 0)
    }

    deinit {
        close(readEnd)
        close(writeEnd)
    }

    /// What the pipe holds now; does not wait.
    func readAvailable() -> String {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(readEnd, &chunk, chunk.count), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Fills the pipe until it takes no more.
    func fill() throws {
        try #require(fcntl(writeEnd, F_SETFL, O_NONBLOCK) == 0)
        let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
        while write(writeEnd, chunk, chunk.count) > 0 {}
        try #require(fcntl(writeEnd, F_SETFL, 0) == 0)
    }
}

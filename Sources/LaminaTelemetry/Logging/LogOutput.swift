import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file descriptor that takes whole log lines from any thread and never holds a thread up for long.
///
/// A pipe or terminal that nobody reads fills up and would block `write` for ever. So each piece of a line is written
/// only after `poll` has found room for it; when there is none within the timeout the line is dropped and counted, and
/// until there is room again further lines are dropped at once. The descriptor stays in blocking mode: its mode is
/// shared with whoever else has it open.
package final class LogOutput: Sendable {
    private struct State {
        var dropped = 0
        var isStalled = false
        /// A line was broken off in its middle: the next one starts with a newline.
        var isMidLine = false
    }

    private let descriptor: Int32
    private let timeout: Duration
    private let state = Mutex(State())

    /// - Parameters:
    ///   - descriptor: where lines go; stays open and belongs to the caller.
    ///   - timeout: how long a line may wait for room.
    package init(descriptor: Int32 = STDERR_FILENO, timeout: Duration = TelemetryLimits.logWriteTimeout) {
        self.descriptor = descriptor
        self.timeout = timeout
    }

    /// Lines that found no room so far.
    package var droppedLines: Int { state.withLock { $0.dropped } }

    /// Writes a line that ends with a newline. Lines of one process never mix.
    func writeLine(_ line: [UInt8]) {
        // Held while writing, which takes no longer than the timeout: lines must not mix.
        state.withLock { state in
            let deadline = ContinuousClock.now + (state.isStalled ? .zero : timeout)
            var rest = state.isMidLine ? [UInt8(ascii: "\n")] + line[...] : line[...]
            while !rest.isEmpty {
                guard waitForRoom(until: deadline), let count = writePiece(of: rest) else {
                    state.dropped += 1
                    state.isStalled = true
                    return
                }
                rest = rest.dropFirst(count)
                state.isMidLine = !rest.isEmpty
                state.isStalled = false
            }
        }
    }

    /// Whether a page can be written without waiting; waits for it until the deadline.
    private func waitForRoom(until deadline: ContinuousClock.Instant) -> Bool {
        while true {
            let remaining = max(.zero, deadline - ContinuousClock.now)
            let milliseconds =
                remaining.components.seconds * 1000 + remaining.components.attoseconds / 1_000_000_000_000_000
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            let ready = poll(&request, 1, Int32(clamping: milliseconds))
            if ready < 0, errno == EINTR { continue }
            return ready > 0 && request.revents & Int16(POLLOUT) != 0
        }
    }

    /// Writes up to PIPE_BUF bytes, which a pipe that polls as writable takes without blocking and in one piece.
    ///
    /// - Returns: the number of bytes written; nil when the descriptor takes none.
    private func writePiece(of bytes: ArraySlice<UInt8>) -> Int? {
        let piece = bytes.prefix(4096)
        while true {
            let count = piece.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            return count > 0 ? count : nil
        }
    }
}

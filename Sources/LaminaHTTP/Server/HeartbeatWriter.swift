import Synchronization

/// Writes server-sent events and keeps their stream from falling silent: where nothing has been written for an interval, a comment
/// is. Clients ignore comments; proxies that close quiet streams, and clients that wait for a byte, see that somebody is there.
package final class HeartbeatWriter: ResponseBodyWriter {
    private struct State {
        var lastWrite: ContinuousClock.Instant
        var hasWritten = false
        /// A comment is being written.
        var isBeating = false
        var hasEnded = false
    }

    private static let comment = ServerSentEvents.comment("keep-alive")

    private let writer: any ResponseBodyWriter
    private let interval: Duration?
    private let state: Mutex<State>

    /// - Parameter interval: the longest silence; nil for any.
    package init(_ writer: any ResponseBodyWriter, every interval: Duration?) {
        self.writer = writer
        self.interval = interval
        state = Mutex(State(lastWrite: .now))
    }

    /// Whether anything was written, comments included, and the stream has thereby begun.
    package var hasWritten: Bool { state.withLock { $0.hasWritten } }

    package func write(_ bytes: [UInt8]) async throws {
        state.withLock { $0.hasWritten = true }
        try await writer.write(bytes)
        state.withLock { $0.lastWrite = .now }
    }

    /// Does the work, which writes when it has something, and fills the silences meanwhile.
    package func whileBeating<Value>(_ work: () async throws -> Value) async throws -> Value {
        guard let interval else { return try await work() }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.beat(every: interval) }
            let value = try await work()
            // A comment on its way must not be cut in two: it ends by itself.
            if end() { group.cancelAll() }
            return value
        }
    }

    private func beat(every interval: Duration) async throws {
        while let due = nextBeat(every: interval) {
            try await Task.sleep(until: due, clock: .continuous)
            guard begin(at: .now, interval) else { continue }
            defer { state.withLock { $0.isBeating = false } }
            try await write(Self.comment)
        }
    }

    /// When a comment is due unless something is written first; nil where the work has ended.
    private func nextBeat(every interval: Duration) -> ContinuousClock.Instant? {
        state.withLock { $0.hasEnded ? nil : $0.lastWrite + interval }
    }

    /// Whether a comment is due now; then it counts as being written.
    private func begin(at now: ContinuousClock.Instant, _ interval: Duration) -> Bool {
        state.withLock { state in
            state.isBeating = !state.hasEnded && now >= state.lastWrite + interval
            return state.isBeating
        }
    }

    /// The work has ended. Returns whether the heart rests, and may be stopped in its sleep.
    private func end() -> Bool {
        state.withLock { state in
            state.hasEnded = true
            return !state.isBeating
        }
    }
}

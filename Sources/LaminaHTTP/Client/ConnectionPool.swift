import Synchronization

/// Connections kept alive between requests, by origin. The one used last is used next, so that surplus ones age.
final class ConnectionPool: Sendable {
    private struct Idle {
        let stream: any ByteStream
        let since: ContinuousClock.Instant
    }

    private struct State {
        var idle: [HTTPOrigin: [Idle]] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limitPerOrigin: Int
    private let maximumAge: Duration

    init(limitPerOrigin: Int, maximumAge: Duration) {
        self.limitPerOrigin = limitPerOrigin
        self.maximumAge = maximumAge
    }

    deinit { close() }

    /// Connections kept for an origin.
    func idleCount(_ origin: HTTPOrigin) -> Int { state.withLock { $0.idle[origin]?.count ?? 0 } }

    /// A connection that looks alive, or nil. One on which anything has arrived is closed instead: the end of the stream, or
    /// bytes nobody asked for.
    func take(_ origin: HTTPOrigin) -> (any ByteStream)? {
        while let candidate = state.withLock({ $0.idle[origin]?.popLast() }) {
            if Self.isQuiet(candidate.stream), candidate.since.duration(to: .now) < maximumAge {
                return candidate.stream
            }
            candidate.stream.close()
        }
        return nil
    }

    private static func isQuiet(_ stream: any ByteStream) -> Bool {
        // Not `try?`, for which a connection that was reset looks like one on which nothing has arrived.
        do { return try stream.readNow() == nil } catch { return false }
    }

    /// Keeps a connection whose last response is complete.
    func put(_ stream: any ByteStream, _ origin: HTTPOrigin) {
        let now = ContinuousClock.now
        let surplus = state.withLock { state -> [any ByteStream] in
            guard !state.isClosed else { return [stream] }
            var idle = state.idle[origin] ?? []
            let old = idle.prefix { $0.since.duration(to: now) >= maximumAge }
            idle.removeFirst(old.count)
            var surplus = old.map(\.stream)
            if idle.count < limitPerOrigin {
                idle.append(Idle(stream: stream, since: now))
            } else {
                surplus.append(stream)
            }
            state.idle[origin] = idle
            return surplus
        }
        for stream in surplus { stream.close() }
    }

    /// Closes what is idle, and from now on what is put.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [:] }
            return state.idle.values.joined().map(\.stream)
        }
        for stream in idle { stream.close() }
    }
}

import Synchronization

/// Connections kept alive between requests. The one used last is used next, so that surplus ones age.
final class ConnectionPool: Sendable {
    /// What makes connections interchangeable.
    struct Key: Hashable, Sendable {
        let route: ConnectionRoute
        /// Whom the client trusts and who it is there; nil where nothing is encrypted. A connection made with one context
        /// must not serve a request that asks for another.
        let tls: TLSClientContext?

        static func == (left: Key, right: Key) -> Bool { left.route == right.route && left.tls === right.tls }

        func hash(into hasher: inout Hasher) {
            hasher.combine(route)
            hasher.combine(tls.map(ObjectIdentifier.init))
        }
    }

    private struct Idle {
        let stream: any ByteStream
        let since: ContinuousClock.Instant
    }

    private struct State {
        var idle: [Key: [Idle]] = [:]
        var isClosed = false
    }

    private let state = Mutex(State())
    private let limitPerKey: Int
    private let maximumAge: Duration

    init(limitPerKey: Int, maximumAge: Duration) {
        self.limitPerKey = limitPerKey
        self.maximumAge = maximumAge
    }

    deinit { close() }

    /// Connections kept for a route.
    func idleCount(_ route: ConnectionRoute) -> Int {
        state.withLock { state in
            state.idle.reduce(0) { $0 + ($1.key.route == route ? $1.value.count : 0) }
        }
    }

    /// A connection that looks alive, or nil. One on which anything has arrived is closed instead: the end of the stream, or
    /// bytes nobody asked for.
    func take(_ key: Key) -> (any ByteStream)? {
        while let candidate = state.withLock({ $0.idle[key]?.popLast() }) {
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
    func put(_ stream: any ByteStream, _ key: Key) {
        let now = ContinuousClock.now
        let surplus = state.withLock { state -> [any ByteStream] in
            guard !state.isClosed else { return [stream] }
            var surplus = takeOld(from: &state, at: now)
            if state.idle[key, default: []].count < limitPerKey {
                state.idle[key, default: []].append(Idle(stream: stream, since: now))
            } else {
                surplus.append(stream)
            }
            return surplus
        }
        for stream in surplus { stream.close() }
    }

    /// Removes what is too old, on every route: nobody may come back to some of them.
    private func takeOld(from state: inout State, at now: ContinuousClock.Instant) -> [any ByteStream] {
        var surplus: [any ByteStream] = []
        for (key, idle) in state.idle {
            let old = idle.prefix { $0.since.duration(to: now) >= maximumAge }
            guard !old.isEmpty || idle.isEmpty else { continue }
            surplus += old.map(\.stream)
            state.idle[key] = old.count == idle.count ? nil : Array(idle.dropFirst(old.count))
        }
        return surplus
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

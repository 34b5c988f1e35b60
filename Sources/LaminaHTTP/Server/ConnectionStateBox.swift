import Synchronization

/// A connection's state, shared by its tasks and by the server that drains it.
final class ConnectionStateBox: Sendable {
    private let state = Mutex(ConnectionState())
    /// From when on responses announce the end of the connection; nil for never.
    private let agesAt: ContinuousClock.Instant?

    /// The state of a new connection that is old from `agesAt` on.
    init(agesAt: ContinuousClock.Instant? = nil) {
        self.agesAt = agesAt
    }

    /// Whether the connection has lived as long as it should.
    var isAged: Bool { agesAt.map { $0 <= .now } ?? false }

    func update<Result: Sendable>(_ change: (inout ConnectionState) -> Result) -> Result {
        state.withLock { change(&$0) }
    }

    func read<Result: Sendable>(_ look: (ConnectionState) -> Result) -> Result {
        state.withLock { look($0) }
    }
}

import Synchronization

/// A connection's state, shared by its tasks and by the server that drains it.
final class ConnectionStateBox: Sendable {
    private let state = Mutex(ConnectionState())

    func update<Result: Sendable>(_ change: (inout ConnectionState) -> Result) -> Result {
        state.withLock { change(&$0) }
    }

    func read<Result: Sendable>(_ look: (ConnectionState) -> Result) -> Result {
        state.withLock { look($0) }
    }
}

import Synchronization

/// Watches the reading side of a connection while a request is being answered: keeps what a pipelining client sends, within
/// a bound, and cancels the connection's task when the client disappears.
///
/// It is no task: most answers are ready at once, and a task for each would cost more than they do. What arrives is read on
/// the queue of events.
final class PeerWatch: Sendable {
    private struct State {
        var isWatching = false
        var room = 0
        var bytes: [UInt8] = []
        var peerIsGone = false
    }

    private let stream: any ByteStream
    private let connection: ConnectionStateBox
    private let task: CancellableTask?
    private let state = Mutex(State())

    /// - Parameter task: the one that is cancelled when the peer is gone; it must outlive every watch.
    init(stream: any ByteStream, connection: ConnectionStateBox, task: CancellableTask?) {
        self.stream = stream
        self.connection = connection
        self.task = task
    }

    /// Begins to watch, and keeps up to `room` bytes, give or take one read. With none, or where the stream has ended, it
    /// does not watch.
    ///
    /// - Parameter readsNow: there may be something to read already, of which the event has passed.
    func begin(room: Int, readsNow: Bool) {
        guard room > 0, !connection.read({ $0.hasReachedEndOfStream }) else { return }
        state.withLock { $0 = State(isWatching: true, room: room) }
        stream.onReadable { self.readArrivals() }
        if readsNow { readArrivals() }
    }

    /// Ends the watch. Returns the bytes read on the way, and whether the task was cancelled.
    func end() -> (bytes: [UInt8], peerIsGone: Bool) {
        stream.onReadable(nil)
        return state.withLock { state in
            defer { state = State() }
            return (state.bytes, state.peerIsGone)
        }
    }

    private func readArrivals() {
        let isGone = state.withLock { state in
            guard state.isWatching else { return false }
            do {
                state.peerIsGone = try readAll(into: &state)
            } catch {
                state.isWatching = false
                state.peerIsGone = true
            }
            return state.peerIsGone
        }
        // Not under the lock: whoever is woken by the cancellation may call `end`.
        if isGone { task?.cancel() }
    }

    /// Returns whether the end of the stream was found and is a disconnect.
    private func readAll(into state: inout State) throws(SocketError) -> Bool {
        while state.bytes.count < state.room {
            switch try stream.readNow() {
            case .bytes(let new):
                connection.update { $0.pipelinedBytesArrived(new.count) }
                if state.bytes.isEmpty { state.bytes = new } else { state.bytes.append(contentsOf: new) }
            case .endOfStream:
                state.isWatching = false
                return connection.update { $0.endOfStreamReached() } == .cancelRequest
            case .interrupted: continue
            case nil: return false
            }
        }
        // No room: the rest is left unread, and a disappearance is noticed by writing only.
        state.isWatching = false
        return false
    }
}

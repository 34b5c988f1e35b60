import Synchronization

/// Lets tasks that write to the same place take turns, in the order in which they come.
final class WriteTurns: Sendable {
    private struct State {
        var isBusy = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// Waits until no other task writes. Whoever writes ends by its time-out, so this wait ends too.
    func take() async {
        let isMine = state.withLock { state in
            defer { state.isBusy = true }
            return !state.isBusy
        }
        if isMine { return }
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.isBusy {
                    state.waiting.append(continuation)
                    return false
                }
                state.isBusy = true
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    /// Lets the next task write.
    func pass() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isBusy = false
                return nil
            }
            return state.waiting.removeFirst()
        }
        next?.resume()
    }
}

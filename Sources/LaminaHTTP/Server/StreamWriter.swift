import Synchronization

/// Writes the pieces of a streamed body to a connection, each as one chunk where the body is chunked.
final class StreamWriter: ResponseBodyWriter {
    private struct State {
        var isBusy = false
        var isFinished = false
        var waiting: [CheckedContinuation<Void, Never>] = []
        var writtenBytes = 0
        var failure: SocketError?
    }

    private let stream: any ByteStream
    private let isChunked: Bool
    private let timeout: Duration
    private let state = Mutex(State())

    init(stream: any ByteStream, isChunked: Bool, timeout: Duration) {
        self.stream = stream
        self.isChunked = isChunked
        self.timeout = timeout
    }

    /// Body bytes written so far, without framing.
    var writtenBytes: Int { state.withLock { $0.writtenBytes } }

    /// What ended the writing early, even if the closure that wrote did not pass it on.
    var failure: SocketError? { state.withLock { $0.failure } }

    func write(_ bytes: [UInt8]) async throws {
        // An empty chunk would end the body.
        guard !bytes.isEmpty else { return }
        await takeTurn()
        defer { passTurn() }
        if state.withLock({ $0.isFinished }) { throw SocketError.closed }
        try await send(isChunked ? ResponseEncoder.chunk(bytes) : bytes)
        state.withLock { $0.writtenBytes += bytes.count }
    }

    /// Ends the body. Later writes throw.
    func finish() async throws(SocketError) {
        await takeTurn()
        defer { passTurn() }
        state.withLock { $0.isFinished = true }
        if isChunked { try await send(ResponseEncoder.lastChunk) }
    }

    /// Gives up: later writes throw.
    func abandon() {
        state.withLock { $0.isFinished = true }
    }

    private func send(_ bytes: [UInt8]) async throws(SocketError) {
        // After a failure part of a piece may be on its way: nothing may follow it.
        if let failure { throw failure }
        do {
            try await stream.write(bytes, timeout: timeout)
        } catch {
            state.withLock { $0.failure = error }
            throw error
        }
    }

    /// Waits until no other task writes. Whoever writes ends by its time-out, so this wait ends too.
    private func takeTurn() async {
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

    private func passTurn() {
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

import Synchronization

/// Writes the pieces of a streamed body to a connection, each as one chunk where the body is chunked.
final class StreamWriter: ResponseBodyWriter {
    private struct State {
        var isFinished = false
        var writtenBytes = 0
        var failure: SocketError?
    }

    private let stream: any ByteStream
    private let isChunked: Bool
    private let timeout: Duration
    private let turns = WriteTurns()
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
        await turns.take()
        defer { turns.pass() }
        if state.withLock({ $0.isFinished }) { throw SocketError.closed }
        try await send(isChunked ? ResponseEncoder.chunk(bytes) : bytes)
        state.withLock { $0.writtenBytes += bytes.count }
    }

    /// Ends the body. Later writes throw.
    func finish() async throws(SocketError) {
        await turns.take()
        defer { turns.pass() }
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
}

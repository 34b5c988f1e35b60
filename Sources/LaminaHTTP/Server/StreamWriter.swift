import Synchronization

/// Writes a streamed response to a connection: the head with the first piece of the body, each piece as one chunk where the body
/// is chunked.
final class StreamWriter: ResponseBodyWriter {
    private struct State {
        var hasBegun = false
        var isFinished = false
        var writtenBytes = 0
        var failure: SocketError?
    }

    private let stream: any ByteStream
    private let isChunked: Bool
    private let timeout: Duration
    private let head: @Sendable () throws(ResponseError) -> [UInt8]
    private let turns = WriteTurns()
    private let state = Mutex(State())

    /// - Parameter head: makes the head, when the first piece is there.
    init(
        stream: any ByteStream, isChunked: Bool, timeout: Duration,
        head: @escaping @Sendable () throws(ResponseError) -> [UInt8]
    ) {
        self.stream = stream
        self.isChunked = isChunked
        self.timeout = timeout
        self.head = head
    }

    /// Whether the head was made, and thereby maybe sent.
    var hasBegun: Bool { state.withLock { $0.hasBegun } }

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
        let piece = isChunked ? ResponseEncoder.chunk(bytes) : bytes
        try await send(try opening().map { $0 + piece } ?? piece)
        state.withLock { $0.writtenBytes += bytes.count }
    }

    /// Ends the body. Later writes throw.
    func finish() async throws {
        await turns.take()
        defer { turns.pass() }
        state.withLock { $0.isFinished = true }
        let rest = (try opening() ?? []) + (isChunked ? ResponseEncoder.lastChunk : [])
        if !rest.isEmpty { try await send(rest) }
    }

    /// Gives up: later writes throw.
    func abandon() {
        state.withLock { $0.isFinished = true }
    }

    /// The head before the first piece, then nil. Called by whose turn it is.
    private func opening() throws(ResponseError) -> [UInt8]? {
        if hasBegun { return nil }
        let bytes = try head()
        state.withLock { $0.hasBegun = true }
        return bytes
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

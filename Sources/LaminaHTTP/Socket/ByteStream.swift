/// What a read brought.
package enum ReadOutcome: Sendable, Equatable {
    /// At least one byte.
    case bytes([UInt8])
    /// The peer closed its sending side.
    case endOfStream
    /// `interruptRead` was called.
    case interrupted
}

/// A connection's two streams of bytes, plain or encrypted. Reads and writes wait without blocking a thread.
///
/// One task reads and one writes at a time. `close` must be called in the end, when neither is in a call.
package protocol ByteStream: Sendable {
    /// The peer as `address:port`, IPv6 in brackets.
    var remoteAddress: String { get }

    /// Reads what is there, waiting for the first byte until the deadline (nil: without end).
    ///
    /// Throws `SocketError`: `timedOut`, `cancelled`, `peerGone`, `closed` or `system`.
    func read(until deadline: ContinuousClock.Instant?) async throws(SocketError) -> ReadOutcome

    /// Reads what is there without waiting; nil where nothing is.
    func readNow() throws(SocketError) -> ReadOutcome?

    /// Ends the current or else the next wait of `read` with `interrupted`.
    func interruptRead()

    /// Has `action` called, from another thread, when bytes or the end of the stream may have arrived; nil ends that, though
    /// a call may still be under way. `action` may call `readNow`. Not while a task is in `read`.
    func onReadable(_ action: (@Sendable () -> Void)?)

    /// Writes all bytes. Returns when the kernel has taken the last of them, which is the back-pressure on the caller.
    ///
    /// - Parameter timeout: the longest time without any progress; see `WritePace`.
    func write(_ bytes: [UInt8], timeout: Duration) async throws(SocketError)

    /// Writes what is taken without waiting and returns how many bytes that were.
    func writeNow(_ bytes: ArraySlice<UInt8>) throws(SocketError) -> Int

    /// Says that nothing more will be written; the peer reads the end of the stream.
    func shutdownWrite()

    /// Gives up on a peer that acknowledges nothing for this long, even while nothing waits for the stream.
    func setAcknowledgementTimeout(_ timeout: Duration)

    /// Announces the end and throws away what still arrives, up to the peer's own end or the time-out. A socket closed with
    /// unread bytes sends a reset, which can destroy a response before the peer has read it (RFC 9112 §9.6).
    func linger(for timeout: Duration) async

    /// Closes the connection.
    func close()

    /// How the connection is encrypted and who the peer proved to be; nil where it is not encrypted.
    var security: TLSSecurity? { get }
}

extension ByteStream {
    package var security: TLSSecurity? { nil }

    package func linger(for timeout: Duration) async {
        shutdownWrite()
        let deadline = ContinuousClock.now + timeout
        do {
            while try await read(until: deadline) != .endOfStream, .now < deadline { continue }
        } catch {
            // Timed out or gone: either way there is nothing left to wait for.
            return
        }
    }
}

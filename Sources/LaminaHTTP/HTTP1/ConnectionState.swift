// What happens to a connection when something happens on it, without any I/O (RFC 9112 §9).
//
// The end of the peer's stream is judged by what is in flight:
// - while no request is being answered it is no disturbance: requests that came in whole before it are answered, one cut
//   off in the middle is dropped;
// - while a request is being answered and nothing is buffered behind it, it is a disconnect (as in Go's net/http): the
//   request is cancelled, though an answer its handler still gives is written, since a half-closed peer can read it;
// - while a request is being answered and bytes of further requests are buffered behind it, it ends a pipelined batch:
//   nobody who has gone away is told from somebody who is done sending, so the batch is answered in order.

/// The decisions of one connection. Methods take what happened and return what to do.
struct ConnectionState: Equatable {
    enum Phase: Equatable {
        /// No byte of the next request has arrived.
        case idle
        /// A request is arriving.
        case receiving
        /// A request is being answered.
        case responding
        /// Nothing more is read or answered.
        case closed
    }

    enum EndOfStreamAction: Equatable {
        /// Close the connection: nothing is left to answer.
        case close
        /// Drop the incomplete request and close.
        case dropIncompleteRequest
        /// Cancel the request being answered.
        case cancelRequest
        /// Go on; the connection closes after the last complete request.
        case finishBufferedRequests
    }

    enum DrainAction: Equatable {
        /// Wake the reader: an idle connection soon closes, a request still arriving gets little time more.
        case wakeReader
        /// The current request ends the connection by itself.
        case none
    }

    private(set) var phase = Phase.idle
    private(set) var hasReachedEndOfStream = false
    private(set) var isDraining = false
    /// Every response announces the end of the connection.
    private(set) var isLeaving = false
    /// Bytes read behind the request being answered.
    private(set) var pipelinedBytes = 0
    private var willClose = false

    /// The connection looks for its next request. Returns false where it closes instead: the end was announced. Without
    /// that even a drain lets a request through that is on its way, and it is answered with `Connection: close`.
    mutating func awaitRequest() -> Bool {
        guard phase != .closed, !willClose else {
            phase = .closed
            return false
        }
        phase = .idle
        return true
    }

    /// A byte of a request arrived.
    mutating func requestBegan() {
        if phase == .idle { phase = .receiving }
    }

    /// A request is complete and goes to its handler; `bufferedBytes` counts what was read behind it.
    mutating func requestCompleted(wantsKeepAlive: Bool, bufferedBytes: Int) {
        phase = .responding
        pipelinedBytes = bufferedBytes
        if !wantsKeepAlive { willClose = true }
    }

    /// The end of the stream was found right behind a complete request, before its handler began.
    mutating func endOfStreamPrecededHandler() {
        hasReachedEndOfStream = true
    }

    /// Bytes arrived while a request is being answered.
    mutating func pipelinedBytesArrived(_ count: Int) {
        pipelinedBytes += count
    }

    /// The peer closed its sending side.
    mutating func endOfStreamReached() -> EndOfStreamAction {
        hasReachedEndOfStream = true
        switch phase {
        case .idle, .closed:
            phase = .closed
            return .close
        case .receiving:
            phase = .closed
            return .dropIncompleteRequest
        case .responding:
            return pipelinedBytes > 0 ? .finishBufferedRequests : .cancelRequest
        }
    }

    /// The head of a response is about to be written. Returns whether the connection persists after it; the head says so.
    mutating func responseBegins(asksToClose: Bool, isSelfDelimited: Bool) -> Bool {
        if asksToClose || !isSelfDelimited || isLeaving { willClose = true }
        // No further request can come.
        if hasReachedEndOfStream && pipelinedBytes == 0 { willClose = true }
        return !willClose
    }

    /// A response ended; `isWhole` is false where it broke off.
    mutating func responseEnded(isWhole: Bool) {
        if !isWhole { willClose = true }
    }

    /// Responses from now on announce the end of the connection; requests are taken as before.
    mutating func announceClose() {
        isLeaving = true
    }

    /// The server stops taking requests.
    mutating func beginDrain() -> DrainAction {
        isLeaving = true
        isDraining = true
        return phase == .idle || phase == .receiving ? .wakeReader : .none
    }
}

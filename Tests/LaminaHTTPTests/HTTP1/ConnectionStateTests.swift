import Testing

@testable import LaminaHTTP

struct ConnectionStateTests {
    private func answering(wantsKeepAlive: Bool = true, bufferedBytes: Int = 0) -> ConnectionState {
        var state = ConnectionState()
        #expect(state.awaitRequest() == true)
        state.requestBegan()
        state.requestCompleted(wantsKeepAlive: wantsKeepAlive, bufferedBytes: bufferedBytes)
        return state
    }

    @Test func `Persists after a request that wants it`() {
        var state = answering()
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == true)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == true)
        #expect(state.phase == .idle)
    }

    @Test(arguments: [(false, false, true), (true, true, true), (true, false, false)])
    func `Closes when client, handler or framing say so`(wantsKeepAlive: Bool, asksToClose: Bool, isSelfDelimited: Bool)
    {
        var state = answering(wantsKeepAlive: wantsKeepAlive)
        #expect(state.responseBegins(asksToClose: asksToClose, isSelfDelimited: isSelfDelimited) == false)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == false)
        #expect(state.phase == .closed)
    }

    @Test func `Closes after a response that broke off`() {
        var state = answering()
        _ = state.responseBegins(asksToClose: false, isSelfDelimited: true)
        state.responseEnded(isWhole: false)
        #expect(state.awaitRequest() == false)
    }

    @Test func `Closes when the stream ends between requests`() {
        var state = ConnectionState()
        #expect(state.awaitRequest() == true)
        #expect(state.endOfStreamReached() == .close)
        #expect(state.awaitRequest() == false)
    }

    @Test func `Drops a request the stream ends in the middle of`() {
        var state = ConnectionState()
        #expect(state.awaitRequest() == true)
        state.requestBegan()
        #expect(state.endOfStreamReached() == .dropIncompleteRequest)
    }

    @Test func `Cancels the request in flight when the stream ends`() {
        var state = answering()
        #expect(state.endOfStreamReached() == .cancelRequest)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false, "no further request can come")
    }

    @Test func `Answers a batch whose stream ended behind it`() {
        var state = answering(bufferedBytes: 40)
        #expect(state.endOfStreamReached() == .finishBufferedRequests)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == true)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == true)
        state.requestBegan()
        state.requestCompleted(wantsKeepAlive: true, bufferedBytes: 0)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false, "the last of the batch")
    }

    @Test func `Counts bytes that arrive during a request to the batch`() {
        var state = answering()
        state.pipelinedBytesArrived(10)
        #expect(state.endOfStreamReached() == .finishBufferedRequests)
    }

    @Test func `Answers a request whose stream had ended before its handler began`() {
        var state = answering()
        state.endOfStreamPrecededHandler()
        #expect(state.hasReachedEndOfStream)
        #expect(state.phase == .responding)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false)
    }

    @Test func `Wakes the reader of an idle connection to drain it, and announces the end on a last request`() {
        var state = ConnectionState()
        #expect(state.awaitRequest() == true)
        #expect(state.beginDrain() == .wakeReader)
        #expect(state.isDraining)
        state.requestBegan()
        state.requestCompleted(wantsKeepAlive: true, bufferedBytes: 0)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false)
        #expect(state.awaitRequest() == false)
    }

    @Test func `Takes requests as before until one response has announced the end`() {
        var state = answering()
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == true)
        state.announceClose()
        #expect(!state.isDraining)
        #expect(state.awaitRequest() == true, "nothing was announced yet")
        state.requestBegan()
        state.requestCompleted(wantsKeepAlive: true, bufferedBytes: 0)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == false)
    }

    @Test func `Hurries a request that is still arriving to drain it`() {
        var state = ConnectionState()
        #expect(state.awaitRequest() == true)
        state.requestBegan()
        #expect(state.beginDrain() == .wakeReader)
    }

    @Test func `Lets the request in flight finish and then closes to drain`() {
        var state = answering()
        #expect(state.beginDrain() == .none)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == false)
    }

    @Test func `Answers a request already buffered when a drain began after the head`() {
        var state = answering(bufferedBytes: 40)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == true)
        #expect(state.beginDrain() == .none)
        state.responseEnded(isWhole: true)
        #expect(state.awaitRequest() == true)
        #expect(state.beginDrain() == .wakeReader)
        state.requestBegan()
        state.requestCompleted(wantsKeepAlive: true, bufferedBytes: 0)
        #expect(state.responseBegins(asksToClose: false, isSelfDelimited: true) == false)
    }
}

import Testing

@testable import LaminaTelemetry

@Suite(.timeLimit(.minutes(1)))
struct SpanQueueTests {
    private func spans(_ count: Int) -> [FinishedSpan] {
        let recorder = SpanRecorder()
        for _ in 0..<count { recorder.serverSpan().end() }
        return recorder.spans
    }

    @Test func `Refuses what finds no place, and gives batches in order`() {
        let queue = SpanQueue(capacity: 5, batchSize: 3)
        let spans = spans(7)
        #expect(spans.map(queue.add) == [true, true, true, true, true, false, false])
        #expect(queue.count == 5)
        #expect(queue.take() == Array(spans[0..<3]))
        #expect(queue.add(spans[6]))
        #expect(queue.take() == [spans[3], spans[4], spans[6]])
        #expect(queue.take().isEmpty)
    }

    @Test func `A full batch wakes the exporter, and so does who asks`() async {
        let queue = SpanQueue(capacity: 10, batchSize: 2)
        var wakeUps = queue.wakeUps.makeAsyncIterator()
        for span in spans(2) { _ = queue.add(span) }
        await wakeUps.next()
        queue.wakeUp()
        queue.wakeUp()
        await wakeUps.next()
        // Two calls that nobody has heard are one; the next thing is the end.
        queue.close()
        #expect(await wakeUps.next() == nil)
    }

    @Test func `Once closed it takes no more, and what waits can be taken`() {
        let queue = SpanQueue(capacity: 10, batchSize: 10)
        let spans = spans(2)
        #expect(queue.add(spans[0]))
        queue.close()
        #expect(!queue.add(spans[1]))
        #expect(queue.take() == [spans[0]])
    }
}

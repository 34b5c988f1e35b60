import Synchronization

/// Spans that wait to be exported. Bounded: what finds no place is dropped, so that no request ever waits for its trace and an
/// unreachable collector costs no more than this.
package final class SpanQueue: Sendable {
    private struct State {
        var spans: [FinishedSpan] = []
        var isClosed = false
    }

    /// Something to do: a batch is full, or somebody asked. Ends when the queue is closed. For one task.
    package let wakeUps: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private let capacity: Int
    private let batchSize: Int
    private let state = Mutex(State())

    /// - Parameters:
    ///   - capacity: spans that may wait; at least one.
    ///   - batchSize: spans that are exported together; as many wake the exporter.
    package init(capacity: Int, batchSize: Int) {
        self.capacity = capacity
        self.batchSize = batchSize
        // One call that nobody has heard yet is as good as several.
        (wakeUps, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Spans that wait.
    package var count: Int { state.withLock { $0.spans.count } }

    /// Takes a span; false where it found no place, or the queue is closed.
    package func add(_ span: FinishedSpan) -> Bool {
        let count = state.withLock { state -> Int? in
            guard !state.isClosed, state.spans.count < capacity else { return nil }
            state.spans.append(span)
            return state.spans.count
        }
        guard let count else { return false }
        if count == batchSize { wake.yield() }
        return true
    }

    /// The spans that have waited longest, at most a batch of them.
    package func take() -> [FinishedSpan] {
        state.withLock { state in
            let batch = Array(state.spans.prefix(batchSize))
            state.spans.removeFirst(batch.count)
            return batch
        }
    }

    /// Asks for what there is to be exported now, full batch or not.
    package func wakeUp() { wake.yield() }

    /// Takes no more. What waits can still be taken.
    package func close() {
        state.withLock { $0.isClosed = true }
        wake.finish()
    }
}

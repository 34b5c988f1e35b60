import HeapModule

/// The deadlines of sequences, the next one first.
struct DeadlineQueue {
    private struct Entry: Comparable {
        let deadline: ContinuousClock.Instant
        let id: SequenceID
        static func < (a: Entry, b: Entry) -> Bool {
            (a.deadline, a.id.number) < (b.deadline, b.id.number)
        }
    }

    private var entries = Heap<Entry>()

    /// Deadlines kept, those of sequences that have ended included.
    var count: Int { entries.count }

    mutating func add(_ deadline: ContinuousClock.Instant, of id: SequenceID) {
        entries.insert(Entry(deadline: deadline, id: id))
    }

    /// Takes out those whose deadline is not after `now`; they may have ended long ago.
    mutating func expired(at now: ContinuousClock.Instant) -> [SequenceID] {
        var ids: [SequenceID] = []
        while let first = entries.min, first.deadline <= now {
            entries.removeMin()
            ids.append(first.id)
        }
        return ids
    }

    /// Forgets sequences that have ended.
    mutating func keep(where isLive: (SequenceID) -> Bool) {
        entries = Heap(entries.unordered.filter { isLive($0.id) })
    }
}

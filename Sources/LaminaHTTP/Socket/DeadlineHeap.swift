/// Which descriptor's deadline comes next: a binary heap in which a descriptor has one place at most and can be taken out.
struct DeadlineHeap {
    private struct Entry {
        let deadline: ContinuousClock.Instant
        let descriptor: Int32
    }

    private var entries: [Entry] = []
    /// Where a descriptor stands in `entries`; -1: nowhere.
    private var places: [Int] = []

    /// The earliest deadline.
    var first: ContinuousClock.Instant? { entries.first?.deadline }

    /// Sets a descriptor's deadline, in place of the one it had.
    mutating func set(_ descriptor: Int32, to deadline: ContinuousClock.Instant) {
        remove(descriptor)
        let missing = Int(descriptor) + 1 - places.count
        if missing > 0 { places.append(contentsOf: repeatElement(-1, count: missing)) }
        entries.append(Entry(deadline: deadline, descriptor: descriptor))
        places[Int(descriptor)] = entries.count - 1
        moveUp(entries.count - 1)
    }

    /// Takes a descriptor out, if it is there.
    mutating func remove(_ descriptor: Int32) {
        guard Int(descriptor) < places.count, places[Int(descriptor)] >= 0 else { return }
        removeEntry(at: places[Int(descriptor)])
    }

    /// Takes out and returns the descriptors whose deadline has passed.
    mutating func removeDue(at now: ContinuousClock.Instant) -> [Int32] {
        var due: [Int32] = []
        while let first = entries.first, first.deadline <= now {
            due.append(first.descriptor)
            removeEntry(at: 0)
        }
        return due
    }

    private mutating func removeEntry(at place: Int) {
        places[Int(entries[place].descriptor)] = -1
        let last = entries.removeLast()
        guard place < entries.count else { return }
        entries[place] = last
        places[Int(last.descriptor)] = place
        moveDown(place)
        moveUp(place)
    }

    private mutating func moveUp(_ start: Int) {
        var place = start
        while place > 0, entries[place].deadline < entries[(place - 1) / 2].deadline {
            swap(place, (place - 1) / 2)
            place = (place - 1) / 2
        }
    }

    private mutating func moveDown(_ start: Int) {
        var place = start
        while true {
            let children = (2 * place + 1)..<min(2 * place + 3, max(entries.count, 2 * place + 1))
            guard let least = children.min(by: { entries[$0].deadline < entries[$1].deadline }),
                entries[least].deadline < entries[place].deadline
            else { return }
            swap(place, least)
            place = least
        }
    }

    private mutating func swap(_ one: Int, _ other: Int) {
        entries.swapAt(one, other)
        places[Int(entries[one].descriptor)] = one
        places[Int(entries[other].descriptor)] = other
    }
}
